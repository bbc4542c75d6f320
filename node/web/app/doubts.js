// The records that people have to settle, as the node knows them, and what they have settled.
import { areaWords } from './areas.js';
import { row } from './behind.js';
import { make } from './draw.js';
import { moment } from './show.js';
import { asking } from './trouble.js';
import { say, t } from './words.js';

const plain = {
  conflicts: ['doubtConflicts', 'doConflicts'],
  disputed: ['doubtDisputed', 'doDisputed'],
  twins: ['doubtTwins', 'doTwins'],
  unsound: ['doubtUnsound', 'doUnsound'],
};

// doubts shows all that was found; again looks anew when a person has settled something.
export function doubts(all, kinds, again) {
  const line = (item) => make('li', row(kinds, item));
  const parts = [
    ...Object.entries(plain).map(([name, [title, todo]]) => part(title, todo, all[name].count, all[name].items, line)),
    part('doubtAstray', 'doAstray', all.astray.count, all.astray.items, (item) => make('li', row(kinds, item), make('p.beside', stray(item)))),
    part('doubtEarly', 'doEarly', all.early.count, all.early.items, (item) => make('li', row(kinds, item), item.parts.map((one) => make('p.beside', unheld(one)))), all.early.more),
    alike(all, kinds, again),
  ].filter(Boolean);
  return [make('p', t('lookedThrough', { n: all.records }), !parts.length && t('noDoubts')), parts, agreed(all.agreed, kinds)];
}

// part lists the records of which something is so, and what to do; or is nothing.
function part(title, todo, count, items, line, more = false) {
  if (!count) return undefined;
  return make(
    'section',
    make('h3', t(title, { n: more ? `${count}+` : count })),
    make('p.todo', t(todo)),
    items.length > 0 && make('ul.rows', items.map(line)),
    rest(count - items.length),
  );
}

const rest = (n) => n > 0 && make('p.hint', t('notListed', { n }));

// by says who wrote something, and when.
const by = ({ device, at }) => t('writtenBy', { device, at: moment(at) });

// stray says which area a record is counted in, and in which it is kept.
function stray({ area, space, wrote }) {
  const [kept, rank] = space.split('/');
  const values = { area: areaWords(area), space: areaWords(kept), rank: t(rank) };
  return [wrote && by(wrote), t(area ? 'strayTo' : 'strayNowhere', values)].join('');
}

// unheld says what takes away which batches that are not here.
function unheld({ field, wrote, of, named, held }) {
  const values = { field: say(field), of, named, held };
  return [wrote && by(wrote), t(field ? 'earlyField' : 'earlyWhole', values)].join('');
}

// alike lists records that may be one, pair by pair, with why; a person who knows that they
// are two says so by name.
function alike({ alike: pairs, alike_count: count, alike_more: more, crowded = 0 }, kinds, again) {
  if (!count && !crowded) return undefined;
  const pair = ({ id, why, items }) =>
    make(
      'li.pair',
      make('p', make('strong', say(why))),
      make('ul.rows', items.map((item) => make('li', row(kinds, item)))),
      asking(id, { open: 'notTheSame', why: 'notTheSameFor' }, again),
    );
  return make(
    'section',
    make('h3', t('doubtAlike', { n: more ? `${count}+` : count })),
    make('p.todo', t('doAlike')),
    make('ul', pairs.map(pair)),
    rest(count - pairs.length),
    crowded > 0 && make('p.hint', t('crowdedAlike', { n: crowded })),
  );
}

// agreed lists the pairs that are one by the word of both, with who said so; nothing is to be
// done about them, so the list opens when somebody wants it.
function agreed({ count, pairs }, kinds) {
  if (!count) return undefined;
  const pair = ({ items, said }) =>
    make(
      'li.pair',
      make('p', said.map((one, i) => [i > 0 && make('br'), by(one), t('saidSame')])),
      make('ul.rows', items.map((item) => make('li', row(kinds, item)))),
    );
  return make(
    'details.agreed',
    make('summary', make('h3', t('agreedTitle', { n: count }))),
    make('p.todo', t('doAgreed')),
    make('ul', pairs.map(pair)),
    rest(count - pairs.length),
  );
}
