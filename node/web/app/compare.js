// A figure beside that of the period before, and of the year before.
import { make } from './draw.js';
import { ask, now } from './ask.js';
import { day, number } from './show.js';
import { t } from './words.js';

const dayLong = 86400e3;

export const plusDays = (text, n) => new Date(Date.parse(text) + n * dayLong).toISOString().slice(0, 10);

// plusMonths moves a day by months; the 31st becomes the last of a shorter one.
export function plusMonths(text, n) {
  const [year, month, date] = text.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + n, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + n, Math.min(date, last))).toISOString().slice(0, 10);
}

// before returns the periods to compare with: the one before, and the same a year before.
// Of one that is not over the same part of them is taken, so that like is held against like.
export function before(from, to) {
  const end = to < day(now()) ? to : day(now());
  if (end < from) return [];
  const next = plusDays(to, 1);
  const [a, b] = [from, next].map((d) => d.split('-').map(Number));
  const months = a[2] === 1 && b[2] === 1 ? (b[0] - a[0]) * 12 + b[1] - a[1] : 0;
  const days = Math.round((Date.parse(next) - Date.parse(from)) / dayLong);
  const back = (d, n) => plusDays(plusMonths(plusDays(d, 1), -n), -1);
  const last = months ? [plusMonths(from, -months), back(end, months)] : [plusDays(from, -days), plusDays(end, -days)];
  return [
    { word: 'periodBefore', from: last[0], to: last[1] },
    { word: 'yearBefore', from: plusMonths(from, -12), to: back(end, 12) },
  ];
}

// compared asks for the totals of those periods.
export async function compared(query) {
  const [from, to] = [query.get('from'), query.get('to')];
  if (!from || !to || from > to) return [];
  return Promise.all(
    before(from, to).map(async (period) => {
      const other = new URLSearchParams(query);
      ['by', 'current', 'as_of'].forEach((name) => other.delete(name));
      other.set('from', period.from);
      other.set('to', period.to);
      return { ...period, query: other, found: await ask(`/api/report?${other}`) };
    }),
  );
}

// change writes a difference with its sign, and of what is no rate also in per cent.
export function change(count, found, earlier) {
  const { decimals = 0 } = found;
  const sign = (n) => (n > 0 ? '+' : '');
  if (found.none || earlier.none) return '–';
  const by = found.total - earlier.total;
  const text = `${sign(by)}${number(by, decimals)}`;
  if (['ratio', 'growth', 'difference'].includes(count) || earlier.total <= 0) return text;
  const part = (by / earlier.total) * 1000;
  return t('changeBy', { n: text, part: `${sign(part)}${number(Math.round(part), 1)}%` });
}

// beside shows them.
export function beside(found, others) {
  if (!others.length) return undefined;
  const one = ({ word, from, to, query, found: earlier }) =>
    make(
      'div',
      make('dt', t(word), ' ', make('span.nowrap', `${from} – ${to}`)),
      make(
        'dd',
        make('a', { href: `#/reports?${query}` }, earlier.none ? '–' : number(earlier.total, earlier.decimals)),
        make('span.quiet', ' ', change(found.count, found, earlier)),
      ),
    );
  return make('dl.tiles.beside-before', others.map(one));
}
