// The pages of a box: fill in, records, and the box itself.
import { make, replace, icon } from './draw.js';
import { ask } from './ask.js';
import { direct, openForm } from './form.js';
import { frame } from './shell.js';
import { openPlace } from './place.js';
import { openRecord } from './record.js';
import { openRecords } from './records.js';
import { ago } from './show.js';
import { follow, heardPeers, state, watch } from './status.js';
import { t } from './words.js';

let kinds;
let page = new AbortController();

// open draws the whole page; it is called again when the language turns.
function open() {
  page.abort();
  page = new AbortController();
  const { signal } = page;
  const parts = frame(open, [
    { href: '#/fill', text: t('fill'), drawing: icon('pen') },
    { href: '#/records', text: t('records'), drawing: icon('list') },
    { href: '#/place', text: t('place'), drawing: icon('place') },
  ]);
  header(parts, signal);
  route(parts, signal);
}

function header({ title, subtitle, side, contact, notice }, signal) {
  const pill = make('a', { href: '#/place', class: 'pill calm' });
  side.append(pill);
  follow((account) => {
    const { status, away } = account;
    const { tone, drawing, word, n } = state(account);
    pill.className = `pill ${tone}`;
    replace(pill, icon(drawing), make('span', {}, t(word, { n })));
    notice.hidden = !away;
    notice.textContent = away ? t('awayLong') : '';
    if (!status) return;
    document.title = `${status.name} · 网格`;
    title.textContent = status.name;
    subtitle.textContent = status.county;
    replace(contact, make('span', {}, `${t('heardPeers')} `, make('b', {}, ago(heardPeers(status)))),
      make('span', {}, `${t('heardHub')} `, make('b', {}, ago(status.heard_hub))));
  }, signal);
}

// route shows what the address names, and again whenever it changes.
function route({ main, tabs }, signal) {
  let view = new AbortController();
  const go = async (event) => {
    view.abort();
    view = new AbortController();
    const [name = 'fill', ...rest] = location.hash.slice(2).split('/').map(decodeURIComponent).filter(Boolean);
    const tab = name === 'record' ? 'records' : name;
    tabs.forEach((a) => a.setAttribute('aria-current', a.hash === `#/${tab}` ? 'page' : 'false'));
    await show(main, name, rest, AbortSignal.any([signal, view.signal]));
    if (event) main.querySelector('h1')?.focus({ preventScroll: true });
    if (event) scrollTo(0, 0);
  };
  addEventListener('hashchange', go, { signal });
  go();
}

async function show(main, name, rest, signal) {
  if (name === 'place') return openPlace(main, signal);
  while (!kinds && !signal.aborted) {
    kinds = await ask('/api/kinds').then((answer) => answer.kinds, () => new Promise((later) => { setTimeout(later, 2000); }));
  }
  if (signal.aborted) return undefined;
  if (name === 'record') {
    const [kind, area, rank, id] = rest;
    return openRecord(main, kinds, { kind, space: `${area}/${rank}`, id }, signal);
  }
  return name === 'records' ? openRecords(main, kinds, rest[0] ?? direct(kinds)[0].name, signal) : openForm(main, kinds, rest[0], signal);
}

open();
watch(new AbortController().signal);
