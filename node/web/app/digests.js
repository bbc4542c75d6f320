// Digests compared: whether all places that hold the same data show the same.
import { make, icon } from './draw.js';
import { chip, code, mono, rank } from './show.js';
import { t } from './words.js';

// digests shows each space that several processes hold, and its digest at each.
export function digests(nodes) {
  const told = nodes.filter((n) => n.status);
  const names = [...new Set(told.flatMap((n) => n.status.spaces.filter((s) => s.held).map((s) => s.space)))].sort();
  const shared = names.map((name) => ({ name, at: told.map((n) => n.status.spaces.find((s) => s.held && s.space === name)?.digest) }))
    .filter(({ at }) => at.filter(Boolean).length > 1);
  const equal = ({ at }) => new Set(at.filter(Boolean)).size === 1;
  const all = shared.every(equal);
  const cell = (digest, most) => make('td', {}, digest ? make('span', { class: `mark ${digest === most ? 'same' : 'other'}`, title: digest },
    icon(digest === most ? 'check' : 'alert'), mono(digest.slice(0, 4))) : make('span', { class: 'quiet' }, '—'));
  const row = (space) => {
    const [area, name] = space.name.split('/');
    const most = usual(space.at.filter(Boolean));
    return make('tr', {}, make('th', { scope: 'row' }, mono(code(area)), ' ', rank(name)), space.at.map((d) => cell(d, most)),
      make('td', {}, chip(t(equal(space) ? 'equal' : 'unequal'), equal(space) ? 'good' : 'wait')));
  };
  return [
    make('div', { class: 'head' }, make('h2', {}, t('sharedSpaces')),
      shared.length > 0 && chip(t(all ? 'sameEverywhere' : 'differs'), all ? 'good' : 'wait', all ? 'check' : 'alert')),
    make('p', { class: 'hint' }, t('spacesWhy')),
    shared.length ? make('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': t('sharedSpaces') }, make('table', {},
      make('thead', {}, make('tr', {}, make('th', { scope: 'col' }, t('space')), told.map((n) => make('th', { scope: 'col' }, n.name)), make('td', {}))),
      make('tbody', {}, shared.map(row)))) : make('p', { class: 'nothing' }, t('noSpaces')),
  ];
}

// usual returns the digest that most places have.
function usual(all) {
  const count = (d) => all.filter((o) => o === d).length;
  return all.toSorted((a, b) => count(b) - count(a))[0];
}
