// The frame that all pages share: the header, the ways through the page, and
// the voice that speaks to those who do not see.
import { button, make, replace } from './draw.js';
import { english, t, turn } from './words.js';

// frame fills the document and returns the parts that pages fill in. When the
// language turns, open is called again.
export function frame(open, links = []) {
  document.documentElement.lang = english() ? 'en' : 'zh-CN';
  const title = make('strong');
  const subtitle = make('span');
  const side = make('div');
  const contact = make('div.contact');
  const notice = make('div.notice', { role: 'alert', hidden: true });
  const main = make('main', { id: 'main', tabindex: '-1' });
  const tabs = links.map(({ href, text, drawing }) =>
    make('a', { href }, drawing, make('span', text)),
  );
  const mark = make('img', { src: '/app/mark.svg', alt: '', width: 36, height: 36 });
  const names = make('div.names', title, subtitle);
  const other = {
    id: 'language',
    lang: english() ? 'zh-CN' : 'en',
    'aria-label': t('languageWhole'),
  };
  const speak = () => {
    turn();
    open();
  };
  const language = button('.language', '', t('language'), speak, other);
  replace(
    document.body,
    make('a.skip', { href: '#main', click: skip }, t('skip')),
    make('header', make('div.bar', mark, names, side, language), contact),
    tabs.length > 0 && make('nav.tabs', { 'aria-label': t('tabs') }, tabs),
    notice,
    main,
    make('div', { id: 'voice', role: 'status' }),
  );
  return { title, subtitle, side, contact, notice, main, tabs };
}

// skip moves on without changing the address, which names what is shown.
function skip(event) {
  event.preventDefault();
  document.getElementById('main').focus();
}
