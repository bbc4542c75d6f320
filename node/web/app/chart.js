// A figure's groups drawn: a line where they follow each other in time, else bars. The
// table beside it says the same in words.
import { make, drawn } from './draw.js';
import { number } from './show.js';
import { say, t } from './words.js';

const barsMax = 12; // more are read in the table
const pointsMax = 400;
export const periods = ['day', 'week', 'month', 'quarter', 'year'];

// chart draws a table of figures, or is nothing where there is nothing to compare.
export function chart(found) {
  const { columns, rows } = found;
  if (rows.length < 2 || columns.length === 0) return undefined;
  const time = columns.length === 1 && periods.includes(columns[0].name) && rows.length <= pointsMax;
  return make('figure.chart', time ? line(found) : bars(found));
}

// picture is a drawing with its name and what it shows.
function picture(found, height, word, contents) {
  const name = say(found.title);
  const values = { title: name, n: found.rows.length, by: found.columns.map((c) => say(c.title, c.name)).join(' · ') };
  return drawn(
    'svg',
    { viewBox: `0 0 ${width()} ${height}`, role: 'img', 'aria-labelledby': 'chart-title chart-desc' },
    drawn('title', { id: 'chart-title' }, name),
    drawn('desc', { id: 'chart-desc' }, t(word, values)),
    contents,
  );
}

// width is that of the drawing, so that its letters are as large as those beside it.
const width = () => Math.min(640, Math.max(280, document.documentElement.clientWidth - 60));

// label names a row by its keys.
export const label = ({ keys, labels }) => keys.map((key, i) => say(labels[i], key)).join(' · ');

function bars(found) {
  const rows = found.rows.toSorted((a, b) => Math.abs(b.count) - Math.abs(a.count)).slice(0, barsMax);
  const most = Math.max(1, ...rows.map((r) => Math.abs(r.count)));
  const high = 34;
  const right = width();
  const bar = (row, i) => [
    drawn('text', { x: 0, y: i * high + 14 }, cut(label(row), right / 16)),
    drawn('text', { x: right, y: i * high + 14, 'text-anchor': 'end', class: 'amount' }, number(row.count, found.decimals)),
    drawn('rect', {
      x: 0, y: i * high + 19, height: 9, rx: 2, width: Math.max(2, (Math.abs(row.count) / most) * right), class: row.count < 0 ? 'below' : '',
    }),
  ];
  return picture(found, rows.length * high, 'chartBars', rows.map(bar));
}

const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

// line goes from the first period to the last; periods in which nothing was counted have
// no row, and none is made up for them but that the axis has their room.
function line(found) {
  const { rows, decimals } = found;
  const [right, bottom, top] = [width(), 150, 20];
  const [first, last] = [rows[0], rows.at(-1)].map((r) => start(r.keys[0]));
  const counts = rows.map((r) => r.count);
  const [low, most] = [Math.min(0, ...counts), Math.max(1, ...counts)];
  const x = (r) => 4 + ((start(r.keys[0]) - first) / (last - first || 1)) * (right - 8);
  const y = (n) => bottom - ((n - low) / (most - low)) * (bottom - top);
  const points = rows.map((r) => `${x(r).toFixed(1)},${y(r.count).toFixed(1)}`);
  return picture(found, bottom + 22, 'chartLine', [
    drawn('path', { class: 'axis', d: `M0 ${y(0)}H${right}` }),
    drawn('polyline', { points: points.join(' ') }),
    rows.length < 60 && rows.map((r) => drawn('circle', { cx: x(r), cy: y(r.count), r: 3 })),
    drawn('text', { x: 0, y: 13 }, number(most, decimals)),
    drawn('text', { x: 0, y: bottom + 18 }, label(rows[0])),
    drawn('text', { x: right, y: bottom + 18, 'text-anchor': 'end' }, label(rows.at(-1))),
  ]);
}

// start is the first moment of a period's key: 2026, 2026-Q4, 2026-11, 2026-W48, 2026-11-26.
function start(key) {
  const [year, part = '01', date = '01'] = key.split('-');
  if (part[0] === 'Q') return Date.UTC(year, (part[1] - 1) * 3);
  if (part[0] === 'W') return Date.UTC(year, 0, 1 + (part.slice(1) - 1) * 7);
  return Date.UTC(year, part - 1, date);
}
