// What a node tells of itself: what it holds, and on what machine.
import { button, make, refresh, replace, icon } from './draw.js';
import { area } from './areas.js';
import { ask } from './ask.js';
import { size } from './attach.js';
import { ago, chip, rank } from './show.js';
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
    status.demo && link(status),
    spaces(status.spaces ?? []),
    machine(status),
  ];
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
  const [digits, ranked] = name.split('/');
  return make(
    'tr',
    make(
      'th',
      { scope: 'row' },
      make(
        'div.space',
        area(digits),
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
