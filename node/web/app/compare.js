// A figure beside that of the period before, and of the year before.
import { make } from './draw.js';
import { number } from './show.js';
import { t } from './words.js';

const dayLong = 86400e3;

export const plusDays = (text, n) => new Date(Date.parse(text) + n * dayLong).toISOString().slice(0, 10);

// plusMonths moves a day by months; the 31st becomes the last of a shorter one.
export function plusMonths(text, n) {
  const [year, month, date] = text.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + n, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + n, Math.min(date, last))).toISOString().slice(0, 10);
}

// change writes a difference with its sign, and of what is no rate also in per cent.
export function change({ difference, growth }, decimals) {
  if (difference === undefined) return '–';
  const signed = (n, places) => `${n > 0 ? '+' : ''}${number(n, places)}`;
  const n = signed(difference, decimals);
  return growth === undefined ? n : t('changeBy', { n, part: `${signed(growth, 1)}%` });
}

// earlier returns the question of the period with which a figure is held.
export function earlier(query, { from, to, as_of: asOf, frozen }) {
  const other = new URLSearchParams(query);
  ['by', 'current', 'month', 'from', 'to', 'as_of'].forEach((name) => other.delete(name));
  Object.entries(frozen ? { month: from.slice(0, 7) } : { from, to, as_of: asOf }).forEach(([name, value]) => value && other.set(name, value));
  return other;
}

// beside shows a figure with those of earlier periods.
export function beside({ compared = [], decimals }, query) {
  const shown = compared.filter(({ to, as_of: asOf }) => to || asOf); // else each row has periods of its own
  if (!shown.length) return undefined;
  const one = (held) =>
    make(
      'div',
      make('dt', t({ period_before: 'periodBefore', year_before: 'yearBefore' }[held.period]), ' ', make('span.nowrap', held.as_of ?? `${held.from} – ${held.to}`)),
      make(
        'dd',
        make('a', { href: `#/reports?${earlier(query, held)}` }, held.total === undefined ? '–' : number(held.total, decimals)),
        held.frozen && ` (${t('frozenFigure')})`,
        make('span.quiet', ' ', change(held, decimals)),
      ),
    );
  return make('dl.tiles.beside-before', shown.map(one));
}
