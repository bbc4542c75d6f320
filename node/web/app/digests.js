// Digests compared: whether all places that hold the same data show the same.
import { make, icon } from './draw.js';
import { area } from './areas.js';
import { wide } from './place.js';
import { chip, mono, rank } from './show.js';
import { t } from './words.js';

// digests shows each space that several processes hold, and its digest at each.
export function digests(nodes) {
  const told = nodes.filter((n) => n.status);
  const spaces = shared(told.map((n) => n.status));
  const all = spaces.every(equal);
  const sum = all
    ? chip(t('sameEverywhere'), 'good', 'check')
    : chip(t('differs'), 'wait', 'alert');
  return [
    make('div.head', make('h2', t('sharedSpaces')), spaces.length > 0 && sum),
    make('p.hint', t('spacesWhy')),
    spaces.length ? wide(table(spaces, told), t('sharedSpaces')) : make('p.nothing', t('noSpaces')),
  ];
}

// shared returns the spaces that more than one process holds, with the digest
// that each has of it, or none.
function shared(statuses) {
  const held = statuses.map(
    (s) => new Map((s.spaces ?? []).filter((p) => p.held).map((p) => [p.space, p.digest])),
  );
  const names = new Set(held.flatMap((spaces) => [...spaces.keys()]));
  const spaces = [...names].sort().map((name) => ({ name, digests: held.map((h) => h.get(name)) }));
  return spaces.filter((s) => s.digests.filter(Boolean).length > 1);
}

function equal({ digests }) {
  return new Set(digests.filter(Boolean)).size === 1;
}

// usual returns the digest that most places have.
function usual(digests) {
  const count = (d) => digests.filter((other) => other === d).length;
  return digests.filter(Boolean).toSorted((a, b) => count(b) - count(a))[0];
}

function table(spaces, nodes) {
  const heads = [t('space'), ...nodes.map((n) => n.name)].map((title) =>
    make('th', { scope: 'col' }, title),
  );
  return make(
    'table',
    make('thead', make('tr', heads, make('td'))),
    make('tbody', spaces.map(row)),
  );
}

function row(space) {
  const [digits, ranked] = space.name.split('/');
  const most = usual(space.digests);
  const mark = (digest) => {
    if (!digest) return make('span.quiet', '—');
    const same = digest === most;
    return make(
      `span.mark.${same ? 'same' : 'other'}`,
      { title: digest },
      icon(same ? 'check' : 'alert'),
      mono(digest.slice(0, 4)),
    );
  };
  return make(
    'tr',
    make('th', { scope: 'row' }, make('div.space', area(digits), rank(ranked))),
    space.digests.map((digest) => make('td', mark(digest))),
    make('td', equal(space) ? chip(t('equal'), 'good') : chip(t('unequal'), 'wait')),
  );
}
