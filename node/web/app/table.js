// The answer of the county's figures, and how current it is.
import { make, icon } from './draw.js';
import { now } from './ask.js';
import { ago, code } from './show.js';
import { words } from './voice.js';
import { english, say, t } from './words.js';

const dayLong = 24 * 3600e3;
const rowsMax = 500; // more are for the export

// answer shows a report's figure, its groups, and what it knows of.
export function answer(found, query) {
  const total = new Intl.NumberFormat(english() ? 'en' : 'zh-CN').format(found.total);
  return make('section', { class: 'sheet' },
    make('div', { class: 'head' }, make('h2', {}, say(found.title, found.report)), exports(query)),
    make('p', { class: 'total' }, make('b', { id: 'total' }, total), make('span', { class: 'quiet' }, t('total'))),
    currency(found.currency),
    found.columns.length > 0 && table(found),
    found.columns.length > 0 && found.rows.reduce((sum, row) => sum + row.count, 0) !== found.total && make('p', { class: 'hint' }, t('distinctWhy')));
}

// trouble shows why there is no answer.
export function trouble(reason) {
  if (!reason.text) throw reason;
  return make('section', { class: 'sheet' }, make('p', { class: 'problem' }, icon('alert'), words(reason)));
}

function exports(query) {
  const to = (more) => `/api/report?${new URLSearchParams([...query, ...Object.entries(more)])}`;
  const lang = english() ? 'en' : 'zh';
  return make('p', { class: 'exports' }, `${t('export')} `,
    make('a', { href: to({ format: 'csv', bom: '1', lang }), download: '' }, 'CSV (Excel)'),
    make('a', { href: to({ format: 'csv', lang }), download: '' }, 'CSV'),
    make('a', { href: to({}), target: '_blank', rel: 'noopener' }, 'JSON'));
}

// currency says what the figure knows of: the last commit, and which boxes were
// heard from.
function currency({ commit, replica, at, boxes }) {
  const late = boxes.filter((b) => !b.at || now() - Date.parse(b.at) > dayLong);
  const heard = t('boxesHeard', { n: boxes.length - late.length, all: boxes.length });
  return make('div', { class: 'currency' },
    make('p', {}, t('asOf', { commit, replica, at: ago(at) })),
    boxes.length > 0 && make('p', { class: late.length ? 'late' : '' }, icon(late.length ? 'alert' : 'check'), heard,
      late.length > 0 && ` · ${t('lateBoxes', { names: late.map((b) => `${b.name}（${ago(b.at)}）`).join(english() ? ', ' : '、') })}`));
}

function table({ columns, rows, title }) {
  if (!rows.length) return make('p', { class: 'nothing' }, t('noRows'));
  const most = Math.max(...rows.map((r) => r.count));
  const head = columns.map((c) => make('th', { scope: 'col' }, say(c.title, c.name)));
  const keys = (row) => row.keys.map((key, i) => make(i ? 'td' : 'th', { scope: i ? undefined : 'row' },
    columns[i].name.startsWith('area') ? code(say(row.labels[i], key)) : say(row.labels[i], key)));
  return make('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': say(title) }, make('table', {},
    make('thead', {}, make('tr', {}, head, make('th', { scope: 'col', class: 'number' }, say(title)), make('td', { class: 'bar' }))),
    make('tbody', {}, rows.slice(0, rowsMax).map((row) => make('tr', {}, keys(row), make('td', { class: 'number' }, String(row.count)),
      make('td', { class: 'bar', 'aria-hidden': 'true' }, make('i', { '--share': row.count / most })))))),
  rows.length > rowsMax && make('p', { class: 'hint' }, t('moreRows', { n: rows.length - rowsMax })));
}
