// The question to the county's figures. It stands in the address, in the words
// of the HTTP interface, so that it can be kept, sent, and gone back to.
import { make, replace } from './draw.js';
import { now } from './ask.js';
import { day } from './show.js';
import { say, t } from './words.js';

// How many digits of an area's code name a level.
const levels = [6, 9, 12, 15];
const digits = { county: 6, area: 12 };
const dayLong = 24 * 3600e3;

// reports returns all reports by the names that the interface knows them by.
function reports(kinds) {
  return kinds.flatMap((kind) => (kind.reports ?? []).map((report) => ({ kind, report, name: `${kind.name}.${report.name}` })));
}

// asked returns the question that the address holds, or the first that there is.
export function asked(kinds) {
  const query = new URLSearchParams(location.hash.slice(1));
  const known = reports(kinds).find((r) => r.name === query.get('report'));
  if (known) return query;
  const [first] = reports(kinds);
  return new URLSearchParams({ report: first.name, by: first.report.by?.includes('area') ? 'area:9' : '' });
}

// openQuestion shows the question and lets it be changed.
export function openQuestion(node, kinds) {
  const query = asked(kinds);
  const all = reports(kinds);
  const { kind, report } = all.find((r) => r.name === query.get('report'));
  const change = (name, value) => {
    const next = new URLSearchParams(name === 'report' ? { report: value, by: query.get('by')?.split(',').filter((g) => g.startsWith('area:')).join() ?? '' } : query);
    if (value) next.set(name, value);
    else next.delete(name);
    location.hash = next;
  };
  replace(node, make('form', { class: 'sheet question', submit: (event) => event.preventDefault() },
    asking('report', t('report'), choose('report', all.map((r) => [r.name, `${say(r.kind.title)} · ${say(r.report.title)}`]), query.get('report'), change)),
    groupings(kind, report, query, change),
    asking('area', t('areaPrefix'), make('input', { id: 'ask-area', type: 'text', inputmode: 'numeric', maxlength: '17', class: 'mono', value: query.get('area') ?? '',
      change: (event) => change('area', event.target.value.replace(/\D/g, '')) })),
    days(query, change),
    filters(kind, report, query, change),
    make('label', { class: 'tap' }, make('input', { type: 'checkbox', id: 'ask-current', checked: query.get('current') === 'true',
      change: (event) => change('current', event.target.checked ? 'true' : '') }), make('span', {}, t('current')))));
}

function asking(name, title, control) {
  return make('div', { class: 'field' }, make('label', { for: `ask-${name}` }, title), control);
}

function choose(name, options, chosen, change) {
  return make('select', { id: `ask-${name}`, change: (event) => change(name, event.target.value) },
    options.map(([value, text]) => make('option', { value, selected: value === chosen }, text)));
}

// groupings offers one level of the area, and any of the report's other groupings.
function groupings(kind, report, query, change) {
  const by = (query.get('by') ?? '').split(',').filter(Boolean);
  const area = by.find((g) => g.startsWith('area:'));
  const others = (report.by ?? []).filter((g) => g !== 'area');
  const put = (nextArea, chosen) => change('by', [nextArea, ...others.filter((g) => chosen.includes(g))].filter(Boolean).join());
  const longest = digits[kind.fields.find((f) => f.name === kind.area.field)?.type] ?? 15;
  const tap = (id, type, name, text, on, act) => make('label', { class: 'tap' }, make('input', { id, type, name, checked: on, change: act }), make('span', {}, text));
  const areas = ['', ...levels.filter((n) => n <= longest).map((n) => `area:${n}`)];
  return make('fieldset', { class: 'field' }, make('legend', {}, t('groupBy')),
    report.by?.includes('area') && make('div', { class: 'taps' }, areas.map((g) =>
      tap(`ask-${g || 'none'}`, 'radio', 'area', g ? t(`digits${g.slice(5)}`) : t('noArea'), g === (area ?? ''), () => put(g, by)))),
    make('div', { class: 'taps' }, others.map((g) =>
      tap(`ask-by-${g}`, 'checkbox', g, title(kind, g), by.includes(g), () => put(area, by.includes(g) ? by.filter((o) => o !== g) : [...by, g])))));
}

function title(kind, grouping) {
  if (grouping === 'day') return t('byDay');
  return say(kind.fields.find((f) => f.name === grouping)?.title, grouping);
}

// days bounds the days, by hand or at a tap.
function days(query, change) {
  const input = (name) => make('input', { id: `ask-${name}`, type: 'date', 'aria-label': t(name), value: query.get(name) ?? '', change: (event) => change(name, event.target.value) });
  const since = (days) => () => {
    query.set('to', days ? day(now()) : '');
    if (!days) query.delete('to');
    change('from', days ? day(now() - (days - 1) * dayLong) : '');
  };
  const quick = [['today', 1], ['week', 7], ['allDays', 0]];
  return make('fieldset', { class: 'field' }, make('legend', {}, t('days')),
    make('div', { class: 'span' }, input('from'), make('span', { class: 'quiet', 'aria-hidden': 'true' }, '–'), input('to')),
    make('div', { class: 'quick' }, quick.map(([word, n]) => make('button', { type: 'button', class: 'quiet small', id: `ask-${word}`, click: since(n) }, t(word)))));
}

// filters keeps the records of which a field has one value.
function filters(kind, report, query, change) {
  const fields = (report.by ?? []).map((g) => kind.fields.find((f) => f.name === g)).filter((f) => f?.options);
  return make('div', { class: 'filters' }, fields.map((f) => asking(`where.${f.name}`, say(f.title),
    choose(`where.${f.name}`, [['', t('all')], ...f.options.map((o) => [o.value, say(o.title)])], query.get(`where.${f.name}`) ?? '', change))));
}
