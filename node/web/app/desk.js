// The pages of a box: what is to be done, fill in, records, the exchange, and the box itself.
import { make, refresh, icon } from './draw.js';
import { learnAreas } from './areas.js';
import { openDue } from './due.js';
import { openExchange } from './exchange.js';
import { openForm } from './form.js';
import { kinds } from './kinds.js';
import { openPlace } from './place.js';
import { openRecord } from './record.js';
import { openRecords } from './records.js';
import { frame } from './shell.js';
import { ago } from './show.js';
import { follow, known, state, watch } from './status.js';
import { t } from './words.js';

let page = new AbortController();
let named; // settles when the names of areas were asked for

// open draws the whole page; it is called again when the language turns.
function open() {
  page.abort();
  page = new AbortController();
  const parts = frame(open, [
    { href: '#/due', text: t('due'), drawing: icon('clock') },
    { href: '#/fill', text: t('fill'), drawing: icon('pen') },
    { href: '#/records', text: t('records'), drawing: icon('list') },
    { href: '#/exchange', text: t('exchange'), drawing: icon('exchange') },
    { href: '#/place', text: t('place'), drawing: icon('place') },
  ]);
  named ??= learnAreas(new AbortController().signal);
  header(parts, page.signal);
  route(parts, page.signal);
}

function header({ title, subtitle, side, contact, notice }, signal) {
  const pill = make('a.pill.calm', { href: '#/exchange', id: 'pill' });
  side.append(pill);
  follow((account) => {
    const { status, away } = account;
    const { tone, drawing, word, n, kb } = state(account);
    pill.className = `pill ${tone}`;
    refresh(pill, icon(drawing), t(word, { n, kb }));
    notice.hidden = !away;
    notice.textContent = away ? t('awayLong') : '';
    if (!status) return;
    document.title = `${status.name} · 网格`;
    title.textContent = status.name;
    subtitle.textContent = status.county;
    const line = (word, moment) => make('span', `${t(word)} `, make('b', ago(moment)));
    refresh(
      contact,
      line('heardHub', status.heard_hub),
      line('heardPeers', status.heard_box),
    );
  }, signal);
}

// route shows what the address names, and again whenever it changes.
function route({ main, tabs }, signal) {
  let view = new AbortController();
  const go = async (event) => {
    view.abort();
    view = new AbortController();
    const [name = 'fill', ...rest] = location.hash
      .slice(2)
      .split('/')
      .map(decodeURIComponent)
      .filter(Boolean);
    const tab = `#/${name === 'record' ? 'records' : name}`;
    tabs.forEach((a) => a.setAttribute('aria-current', a.hash === tab ? 'page' : 'false'));
    await show(main, name, rest, AbortSignal.any([signal, view.signal]));
    if (!event) return;
    main.querySelector('h1')?.focus({ preventScroll: true });
    scrollTo(0, 0);
  };
  addEventListener('hashchange', go, { signal });
  go();
}

// show opens a view. Forms and lists are built from the kinds, and begin with
// what the node tells of itself, so they wait for both.
async function show(main, name, rest, signal) {
  if (name === 'place') {
    openPlace(main, signal);
    return;
  }
  if (name === 'exchange') {
    openExchange(main, signal);
    return;
  }
  const [all] = await Promise.all([kinds(signal), named]);
  await known;
  if (signal.aborted) return;
  if (name === 'record') {
    const [kind, area, ranked, id] = rest;
    await openRecord(main, all, { kind, space: `${area}/${ranked}`, id }, signal);
  } else if (name === 'due') {
    openDue(main, all, { later: rest[0] === 'later' }, signal);
  } else if (name === 'records') {
    openRecords(main, all, { name: rest[0], waiting: rest[1] === 'waiting' }, signal);
  } else {
    openForm(main, all, rest[0], signal, rest[1] && Object.fromEntries(new URLSearchParams(rest[1])));
  }
}

open();
watch(new AbortController().signal);
