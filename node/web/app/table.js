// The answer of the county's figures, and how current it is.
import { make, icon } from './draw.js';
import { area, areaWords } from './areas.js';
import { behind } from './behind.js';
import { chart, label } from './chart.js';
import { beside } from './compare.js';
import { excel, exports, parquet } from './exports.js';
import { completeTo, monthOf } from './month.js';
import { wide } from './place.js';
import { ago, number } from './show.js';
import { english, say, t } from './words.js';

const rowsMax = 500; // more are for the export
const files = [excel, ['CSV (Excel)', { format: 'csv', bom: 1 }], ['CSV', { format: 'csv' }], parquet, ['JSON', {}]];

// answer shows a report's figure, those of the periods before, its groups, and what it
// knows of.
export function answer(found, query) {
  const { title, report, columns, rows, count, total } = found;
  const sum = rows.reduce((n, row) => n + row.count, 0);
  const all = make('a', { id: 'total', href: behind(query), title: t('toBehind') }, sumOf(found));
  return make(
    'section.sheet',
    make('div.head', make('h2', say(title, report)), exports('/api/report', query, files)),
    make('p.total', make('b', all), make('span.quiet', t(whole(found)))),
    say(found.said) && make('p', t('published'), make('strong', say(found.said))),
    beside(found, query),
    currency(found.currency),
    monthOf(found.month, query),
    make('p.hint', cutOff(found), rounding(found)),
    columns.length > 0 && [chart(found), table(found, query)],
    undivided(found),
    columns.length > 0 && adds(count) && sum !== total && make('p.hint', t('distinctWhy')),
  );
}

// cutOff says which days are counted, and as of which day what stands for a time.
function cutOff({ from, to, as_of: asOf }) {
  const days = from || to ? t('daysCounted', { from: from || t('beginning'), to: to || t('now') }) : t('allCounted');
  return asOf ? `${days} ${t('stoodAt', { day: asOf })}` : days;
}

// rounding says how a figure is cut to its last decimal place, if it has any.
function rounding({ count, decimals = 0, rounding: way }) {
  const exact = !decimals && adds(count);
  return !exact && [' ', t('roundedTo', { n: decimals, way: t(way === 'floor' ? 'roundFloor' : 'roundHalfUp') })];
}

// adds tells figures whose groups are parts of a whole from averages and ratios.
const adds = (count) => count !== 'average' && count !== 'ratio';

// whole names the figure of all groups together.
function whole({ count, none }) {
  if (none) return 'nothingToDivide';
  return adds(count) ? 'total' : 'overall';
}

// sumOf returns a table's total with its unit, or that there is none.
export function sumOf({ total, none, unit, decimals }) {
  return none ? '–' : `${number(total, decimals)}${unit ? ` ${say(unit)}` : ''}`;
}

// currency says what the figure knows of: the last commit, and up to when the boxes' work
// is all there.
export function currency({ commit, replica, at, boxes, complete }) {
  const named = complete.late.map((name) => {
    const box = boxes.find((b) => b.name === name);
    return box ? t('lateBox', { name, ago: ago(box.at) }) : name;
  });
  const line = named.length
    ? make('p.late', icon('alert'), completeTo({ ...complete, late: named }))
    : make('p', icon('check'), completeTo(complete));
  return make(
    'div.currency',
    complete.of > 0 && line,
    make('p', t('asOf', { commit, replica, at: ago(at) })),
  );
}

function table({ columns, rows, title, decimals }, query) {
  if (!rows.length) return make('p.nothing', t('noRows'));
  const heads = columns.map((c) => make('th', { scope: 'col' }, say(c.title, c.name)));
  const head = make('tr', heads, make('th.number', { scope: 'col' }, say(title)));
  const amount = (row) => {
    const n = number(row.count, decimals);
    const name = t('behindRow', { n, row: label(row) });
    return make('a', { href: behind(query, row.keys), 'aria-label': name }, n);
  };
  const line = (row) =>
    make(
      'tr',
      row.keys.map((key, i) => cell(i, isArea(columns[i]) ? area(key) : say(row.labels[i], key))),
      make('td.number', amount(row)),
    );
  return [
    wide(
      make('table', make('thead', head), make('tbody', rows.slice(0, rowsMax).map(line))),
      say(title),
    ),
    rows.length > rowsMax && make('p.hint', t('moreRows', { n: rows.length - rowsMax })),
  ];
}

// undivided names the rows that have no figure, since there is nothing to divide by.
function undivided({ columns, undivided: rows = [], undivided_more: more = 0 }) {
  if (!rows.length) return undefined;
  const name = (row) => row.keys.map((key, i) => (isArea(columns[i]) ? areaWords(key) : say(row.labels[i], key))).join(' · ');
  return make('p.late.undivided', icon('alert'), t('undivided', { names: rows.map(name).join(english() ? ', ' : '、') }), more > 0 && t('undividedMore', { n: more }));
}

const isArea = ({ name }) => name.split(':')[0] === 'area';

// cell shows a key of a group. The first is the heading of its row.
function cell(i, words) {
  return i ? make('td', words) : make('th', { scope: 'row' }, words);
}
