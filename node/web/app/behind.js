// The records behind a figure: both sides of it, page by page, masked as lists are.
import { button, make, replace, icon } from './draw.js';
import { area, areaWords, isCode, isPlace } from './areas.js';
import { address, ask } from './ask.js';
import { excel, exports, parquet } from './exports.js';
import { fateChip } from './fate.js';
import { reports } from './kinds.js';
import { called, chip, moment, mono, value } from './show.js';
import { attempt, trouble } from './voice.js';
import { say, t } from './words.js';

const page = 30;
const files = [excel, ['CSV', { format: 'csv' }], parquet, ['JSON', { format: 'json' }]];
const sides = { ratio: ['of', 'per'], difference: ['now', 'then'], growth: ['now', 'then'] };

const sideWords = { of: 'sideOf', per: 'sidePer', now: 'sideNow', then: 'sideThen' };

// behind returns the way to the records of a report, or of one row of it by its keys.
export function behind(query, keys) {
  const to = new URLSearchParams(query);
  to.delete('current');
  if (keys) to.set('row', JSON.stringify(keys));
  return `#/behind?${to}`;
}

// openBehind lists them.
export async function openBehind(main, kinds, query, signal) {
  const { kind, report } = reports(kinds).find((r) => r.name === query.get('report')) ?? {};
  const own = ['row', 'side'];
  const question = new URLSearchParams([...query].filter(([name]) => !own.includes(name)));
  const list = make('ul.rows');
  const foot = make('div');
  const take = async (after) => {
    const asked = new URLSearchParams([...query, ['limit', page], ['after', after]]);
    const { items, next } = await ask(`/api/report/records?${asked}`);
    if (signal.aborted) return;
    list.append(...items.map((item) => make('li', row(kinds, item))));
    const more = () => attempt(() => take(next));
    const nothing = !list.children.length && make('p.nothing', t('noneBehind'));
    replace(foot, nothing, next && button('.wide', '', t('moreBehind'), more, { id: 'more' }));
  };
  replace(
    main,
    make('p', make('a.back', { href: `#/reports?${question}` }, icon('back'), t('backToReport'))),
    make('h1', { tabindex: '-1' }, t('behindTitle', { title: say(report?.title, query.get('report')) })),
    make('p.hint', t('behindWhy'), ' ', rowOf(query).map((key) => (isCode(key) ? areaWords(key) : key)).join(' · ')),
    turns(query, sides[report?.count]),
    list,
    foot,
    kind && exports('/api/export', bounds(kind, query), files),
  );
  await take('').catch((reason) => replace(foot, trouble(reason)));
}

// bounds are what the export of a kind's records takes of a question.
function bounds(kind, query) {
  const some = ['area', 'from', 'to'].filter((name) => query.get(name) && (name === 'area' || kind.when));
  return [['kind', kind.name], ...some.map((name) => [name, query.get(name)])];
}

function rowOf(query) {
  try {
    return JSON.parse(query.get('row') ?? '[]').map(String);
  } catch {
    return [];
  }
}

// turns are the ways to both sides of a figure that is made of two.
function turns(query, names) {
  if (!names) return undefined;
  const chosen = (query.get('side') ?? names[0]).split('.')[0];
  const way = (name) => {
    const to = new URLSearchParams(query);
    to.set('side', name);
    return make('a', { href: `#/behind?${to}`, 'aria-current': name === chosen && 'true' }, t(sideWords[name]));
  };
  return make('nav.sides', { 'aria-label': t('sides') }, names.map(way));
}

// row shows one record, which opens to all that a list may show of it.
export function row(kinds, item) {
  const kind = kinds.find((k) => k.name === item.kind);
  const where = area(item.space.split('/')[0]);
  if (!kind) return make('p', item.kind, ' ', where);
  const { headline, words } = called(kind, item);
  const when = item.values[kind.when];
  const facts = kind.fields.filter((f) => item.values[f.name] !== undefined && value(f, item.values[f.name]) !== '');
  return make(
    'details.opens',
    make(
      'summary',
      make('strong', headline || words || say(kind.title)),
      item.conflict && chip(t('conflict'), 'wait', 'alert'),
      fateChip(item),
      headline && words && make('span.quiet', words),
      make('span.quiet.small', where, ' · ', typeof when === 'string' ? when : moment(when ?? item.changed)),
    ),
    make('dl.pairs', facts.map((f) => [make('dt', say(f.title)), make('dd', isPlace(f) ? area(item.values[f.name]) : value(f, item.values[f.name]))])),
    make('p.hint', say(kind.title), ` · ${t('number')} `, mono(item.id.slice(0, 8)), ' · ', make('a', { href: `#/record/${address(item)}`, 'aria-label': `${t('openRecord')} ${item.id.slice(0, 8)}` }, t('openRecord'))),
  );
}
