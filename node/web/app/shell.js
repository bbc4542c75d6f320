// The frame that all pages share: the header, the ways through the page, and
// the voice that speaks to those who do not see.
import { make, replace } from './draw.js';
import { english, t, turn } from './words.js';

// frame fills the document and returns the parts that pages fill in. When the
// language turns, open is called again.
export function frame(open, links = []) {
  document.documentElement.lang = english() ? 'en' : 'zh-CN';
  const parts = {
    title: make('strong', {}), subtitle: make('span', {}), side: make('div', { class: 'side' }),
    contact: make('div', { class: 'contact' }), notice: make('div', { class: 'notice', role: 'alert', hidden: true }),
    main: make('main', { id: 'main', tabindex: '-1' }),
  };
  const tabs = links.map(({ href, text, drawing }) => make('a', { href }, drawing, make('span', {}, text)));
  replace(document.body,
    make('a', { class: 'skip', href: '#main', click: skip }, t('skip')),
    make('header', {},
      make('div', { class: 'bar' },
        make('img', { src: '/app/mark.svg', alt: '', width: 36, height: 36 }),
        make('div', { class: 'names' }, parts.title, parts.subtitle),
        parts.side,
        make('button', { class: 'language', type: 'button', id: 'language', lang: english() ? 'zh-CN' : 'en',
          click: () => { turn(); open(); } }, t('language'))),
      parts.contact),
    tabs.length ? make('nav', { class: 'tabs', 'aria-label': t('tabs') }, tabs) : '',
    parts.notice,
    parts.main,
    make('div', { id: 'voice', class: 'unseen', role: 'status', 'aria-live': 'polite' }));
  return { ...parts, tabs };
}

// skip moves on without changing the address, which names what is shown.
function skip(event) {
  event.preventDefault();
  document.getElementById('main').focus();
}
