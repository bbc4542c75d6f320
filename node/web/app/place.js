// What a node tells of itself: whom it knows, what it holds, and what was not
// taken from it.
import { button, make, refresh, replace, icon } from './draw.js';
import { ask } from './ask.js';
import { size } from './attach.js';
import { ago, chip, code, mono, rank } from './show.js';
import { follow, hurry } from './status.js';
import { attempt } from './voice.js';
import { t } from './words.js';

// openPlace shows this box and keeps the page up to date.
export function openPlace(main, signal) {
  const body = make('div.cards');
  replace(main, make('h1.unseen', { tabindex: '-1' }, t('place')), body);
  follow(({ status }) => status && refresh(body, sheets(status)), signal);
}

function sheets(status) {
  return [
    status.read_only && readOnly(status.read_only),
    status.refused?.length > 0 && refusals(status.refused),
    status.forked?.length > 0 && forks(status.forked),
    status.demo && link(status),
    peers(status.peers ?? [], t('neighbours')),
    spaces(status.spaces ?? []),
    machine(status),
  ];
}

function readOnly(reason) {
  return make(
    'section.sheet.alarm',
    make('h2', icon('alert'), t('readOnly')),
    make('p', t('readOnlyWhy')),
    make('p.quiet', mono(reason)),
  );
}

function refusals(all) {
  const line = ({ space, writer, from, reason }) =>
    make(
      'li',
      make('strong', reason),
      make(
        'span.quiet',
        ' ',
        mono(space),
        ' · ',
        mono(writer),
        ' · ',
        t('refusalFrom', { n: from }),
      ),
    );
  return make(
    'section.sheet.alarm',
    make('h2', icon('alert'), t('refusals')),
    make('ul', all.map(line)),
  );
}

// forks tells which devices were copied: all is kept, but somebody should know.
function forks(all) {
  const line = ({ space, writer, device, arms = [] }) =>
    make(
      'li',
      make('strong', device),
      make(
        'span.quiet',
        ' ',
        mono(space),
        ' · ',
        mono(writer),
        ' · ',
        t('forkArms', { n: arms.length }),
      ),
    );
  return make(
    'section.sheet.alarm.forks',
    make('h2', icon('alert'), t('forks')),
    make('p', t('forksWhy')),
    make('ul', all.map(line)),
  );
}

// link cuts this box off or joins it again, in demonstrations.
function link({ cut }) {
  const turn = () =>
    attempt(async () => {
      await ask('/api/link', { method: 'POST', body: { cut: !cut } });
      await hurry();
    });
  return make(
    'section.sheet.cable',
    make('h2', t('demoLink')),
    make(
      'div.now',
      cut ? chip(t('linkCut'), 'bad', 'cut') : chip(t('linkUp'), 'good', 'link'),
      cut
        ? button('.main', 'link', t('restoreLink'), turn, { id: 'link' })
        : button('', 'cut', t('cutLink'), turn, { id: 'link' }),
    ),
    make('p.hint', t('linkWhy')),
  );
}

// peers lists the other machines as this one sees them, the county first.
export function peers(all, title) {
  const order = all.toSorted(
    (a, b) => (b.role === 'hub') - (a.role === 'hub') || a.device - b.device,
  );
  const body = all.length ? make('ul.peers', order.map(peer)) : make('p.nothing', t('noPeers'));
  return make('section.sheet', make('h2', title), body);
}

function peer({ device, name, role, connected, heard, rtt_ms: rtt }) {
  const delay = connected && rtt > 0 ? ` · ${Math.round(rtt)} ms` : '';
  return make(
    'li',
    make(`span.lamp${connected ? '' : '.off'}`, { 'aria-hidden': 'true' }),
    make(
      'span',
      make('strong', name || `${t('device')} ${device}`),
      make('span.quiet', ` ${t(role === 'hub' ? 'hubName' : 'boxName')}`),
    ),
    make('span.quiet', t(connected ? 'connected' : 'apart'), delay),
    make('span.quiet', heard ? `${t('lastHeard')} ${ago(heard)}` : t('never')),
  );
}

// spaces lists what the node holds, with the digest by which people compare.
export function spaces(all) {
  const heads = ['area', 'digest'].map((word) => make('th', { scope: 'col' }, t(word)));
  const numbers = ['recordCount', 'batchCount', 'countyCount'].map((word) =>
    make('th.number', { scope: 'col' }, t(word)),
  );
  const table = make(
    'table',
    make('thead', make('tr', heads, numbers)),
    make('tbody', all.map(space)),
  );
  return make(
    'section.sheet',
    make('h2', t('spaces')),
    make('p.hint', t('spacesWhy')),
    all.length ? wide(table, t('spaces')) : make('p.nothing', t('noSpaces')),
  );
}

function space({ space: name, held, hollow, digest = '', records, batches, county }) {
  const [area, ranked] = name.split('/');
  return make(
    'tr',
    make(
      'th',
      { scope: 'row' },
      make(
        'div.space',
        mono(code(area)),
        rank(ranked),
        !held && make('span.quiet.small', t('notHeld')),
        hollow && make('span.small.hollow', icon('alert'), t('hollow')),
      ),
    ),
    make('td', make('span.mono', { title: digest }, digest.slice(0, 8))),
    make('td.number', String(records)),
    make('td.number', String(batches)),
    make('td.number', String(county), county >= batches && make('span.all', icon('check'))),
  );
}

// wide lets a table move sideways by itself where the page is narrow.
export function wide(table, title) {
  return make('div.scroll', { tabindex: '0', role: 'group', 'aria-label': title }, table);
}

function machine({ name, device, link: address, process, started, files, store }) {
  const facts = {
    device: `${name} · ${device}`,
    address,
    process,
    since: ago(started),
    files: stock(files),
    store: room(store),
  };
  const pairs = Object.entries(facts).map(([word, fact]) => [
    make('dt', t(word)),
    make('dd', String(fact)),
  ]);
  return make('section.sheet', make('h2', t('machine')), make('dl.pairs', pairs));
}

// room says how large the store is, and how much of it is free.
function room({ size: whole = 0, free = 0 } = {}) {
  return t('storeRoom', { size: size(whole), free: size(free) });
}

// stock says how many files there are, and how many are still to come.
function stock({ count = 0, bytes = 0, missing = 0 } = {}) {
  const here = t('fileStock', { n: count, size: size(bytes) });
  return missing > 0 ? `${here} · ${t('fileMissing', { n: missing })}` : here;
}
