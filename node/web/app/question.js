// The question to the county's figures. It stands in the address, in the words
// of the HTTP interface, so that it can be kept, sent, and gone back to.
import { button, make, replace } from './draw.js';
import { areaInput } from './areas.js';
import { now } from './ask.js';
import { periods } from './chart.js';
import { plusDays, plusMonths } from './compare.js';
import { reports } from './kinds.js';
import { day } from './show.js';
import { say, t } from './words.js';

// asked returns the question that the address holds, or the first that there is.
export function asked(kinds) {
  const query = new URLSearchParams(location.hash.split('?')[1]);
  const all = reports(kinds);
  if (all.some((r) => r.name === query.get('report'))) return query;
  const { name } = all.find((r) => r.kind.name === 'grid_visit') ?? all[0];
  return new URLSearchParams({ report: name, by: 'area:9' });
}

// openQuestion shows the question and lets it be changed.
export function openQuestion(node, kinds) {
  const query = asked(kinds);
  const all = reports(kinds);
  const { kind, report } = all.find((r) => r.name === query.get('report'));
  const question = { kind, report, query };
  const titles = all.map((r) => [
    r.name,
    `${say(r.kind.title)} · ${say(r.report.title)}`,
    say(r.kind.system ?? {}),
  ]);
  // Another report has other groupings and filters; only the area goes along.
  const turn = (name) =>
    put(new URLSearchParams({ report: name }), { by: areaOf(query), area: query.get('area'), month: query.get('month') });
  const current = {
    checked: query.get('current') === 'true',
    change: (e) => put(query, { current: e.target.checked && 'true' }),
  };
  replace(
    node,
    make(
      'form.sheet.question',
      { submit: (event) => event.preventDefault() },
      which(titles, query.get('report'), turn),
      groupings(question),
      labelled('area', t('areaPrefix'), areaInput('ask-area', query.get('area'), (area) => put(query, { area }))),
      days(query),
      filters(question),
      tap({ id: 'ask-current', type: 'checkbox', ...current }, t('current')),
    ),
  );
}

// put changes parts of a question, and with it the address. Other controls may be used before the
// page is drawn anew: they go on from the same question.
function put(query, parts) {
  for (const [name, value] of Object.entries(parts)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  location.hash = `/reports?${query}`;
}

function labelled(name, title, control) {
  return make('div.field', make('label', { for: `ask-${name}` }, title), control);
}

function choose(name, titles, chosen, change) {
  const option = ([value, title]) => make('option', { value, selected: value === chosen }, title);
  const groups = [...new Set(titles.map(([, , group]) => group))];
  const options = groups.map((group) => {
    const own = titles.filter((title) => title[2] === group).map(option);
    return group ? make('optgroup', { label: group }, own) : own;
  });
  return make(
    'select',
    { id: `ask-${name}`, change: (event) => change(event.target.value) },
    options,
  );
}

// which chooses a report of many: what is typed above leaves those that hold it.
function which(titles, chosen, turn) {
  const list = choose('report', titles, chosen, turn);
  const look = () => {
    const wanted = search.value.trim().toLowerCase();
    const fit = titles.filter((title) => title[0] === chosen || title.join('\n').toLowerCase().includes(wanted));
    list.replaceChildren(...choose('report', fit, chosen, turn).childNodes);
    found.textContent = wanted ? t('reportsFound', { n: fit.length }) : '';
  };
  const search = make('input', {
    type: 'search', id: 'find-report', placeholder: t('findReport', { n: titles.length }), 'aria-label': t('findReport', { n: titles.length }), autocomplete: 'off', input: look,
  });
  const found = make('span.hint', { role: 'status' });
  return make('div.field.which-report', make('label', { for: 'ask-report' }, t('report')), search, list, found);
}

function tap(attributes, title) {
  return make('label.tap', make('input', attributes), make('span', title));
}

const groups = (query) => (query.get('by') ?? '').split(',').filter(Boolean);
const areaOf = (query) => groups(query).find((g) => g.startsWith('area:'));

// How many digits of a code name a level, and how many a kind's records have.
const levels = [6, 9, 12, 15];
const longest = { county: 6, area: 12 };

const timeWords = { day: 'byDay', week: 'byWeek', month: 'byMonth', quarter: 'byQuarter', year: 'byYear' };

// groupings offers one level of the area, and any of the report's other groupings.
function groupings({ kind, report, query }) {
  const offered = report.by ?? [];
  const chosen = groups(query);
  const { type } = kind.fields.find((f) => f.name === kind.area.field) ?? {};
  const areas = [0, ...levels.filter((n) => n <= (longest[type] ?? 15))];
  const others = offered.filter((g) => g !== 'area' && !periods.includes(g));
  const spans = periods.slice(Math.max(0, periods.findIndex((p) => offered.includes(p))));
  const timed = periods.some((p) => offered.includes(p));
  const group = (area, rest) =>
    put(query, { by: [area, ...[...spans, ...others].filter((g) => rest.includes(g))].filter(Boolean).join() });
  const area = (n) => {
    const name = n ? `area:${n}` : undefined;
    const checked = areaOf(query) === name;
    const attributes = {
      id: `ask-area-${n}`,
      type: 'radio',
      name: 'area',
      checked,
      change: () => group(name, chosen),
    };
    return tap(attributes, t(n ? `digits${n}` : 'noArea'));
  };
  const other = (g) => {
    const checked = chosen.includes(g);
    const next = checked ? chosen.filter((c) => c !== g) : [...chosen, g];
    const attributes = {
      id: `ask-by-${g}`,
      type: 'checkbox',
      checked,
      change: () => group(areaOf(query), next),
    };
    return tap(
      attributes,
      say(kind.fields.find((f) => f.name === g)?.title, g),
    );
  };
  const chosenSpan = chosen.find((g) => periods.includes(g)) ?? '';
  const time = (span) => group(areaOf(query), [...chosen.filter((g) => !periods.includes(g)), span]);
  const times = [['', t('noTime')], ...spans.map((p) => [p, t(timeWords[p])])];
  return make(
    'fieldset.field',
    make('legend', t('groupBy')),
    offered.includes('area') && make('div.taps', areas.map(area)),
    make('div.taps', others.map(other)),
    timed && labelled('time', t('byTime'), choose('time', times, chosenSpan, time)),
  );
}

// days bounds the days, by hand or at a tap.
function days(query) {
  const input = (name) => {
    const change = (event) => put(query, { [name]: event.target.value, month: '' });
    return make('input', {
      id: `ask-${name}`,
      type: 'date',
      'aria-label': t(name),
      value: query.get(name),
      change,
    });
  };
  const quick = Object.entries(usual()).map(([word, [from, to]]) =>
    button('.quiet.small', '', t(word), () => put(query, { from, to, month: '' }), { id: `ask-${word}` }),
  );
  const month = make('input', {
    id: 'ask-month',
    type: 'month',
    value: query.get('month'),
    change: (event) => put(query, { month: event.target.value, from: '', to: '' }),
  });
  const dash = make('span.quiet', { 'aria-hidden': 'true' }, '–');
  return make(
    'fieldset.field',
    make('legend', t('days')),
    make('div.span', input('from'), dash, input('to')),
    make('label.whole', t('wholeMonth'), month),
    make('div.quick', quick),
  );
}

// usual are the days that are asked for most: whole months, quarters and years, so that
// each can be held against the one before.
function usual() {
  const today = day(now());
  const [year, month] = today.split('-');
  const of = (from, months) => [from, plusDays(plusMonths(from, months), -1)];
  const first = `${year}-${month}-01`;
  const quarter = `${year}-${String(month - ((month - 1) % 3)).padStart(2, '0')}-01`;
  return {
    today: [today, today],
    week: [plusDays(today, -6), today],
    thisMonth: of(first, 1),
    lastMonth: of(plusMonths(first, -1), 1),
    thisQuarter: of(quarter, 3),
    lastQuarter: of(plusMonths(quarter, -3), 3),
    thisYear: of(`${year}-01-01`, 12),
    lastYear: of(`${year - 1}-01-01`, 12),
    allDays: [],
  };
}

// filters keeps the records of which a field has one value.
function filters({ kind, report, query }) {
  const fields = kind.fields.filter((f) => f.options && report.by?.includes(f.name));
  const filter = (f) => {
    const name = `where.${f.name}`;
    const titles = [['', t('all')], ...f.options.map((o) => [o.value, say(o.title)])];
    return labelled(
      name,
      say(f.title),
      choose(name, titles, query.get(name) ?? '', (value) => put(query, { [name]: value })),
    );
  };
  return fields.length > 0 && make('div.filters', fields.map(filter));
}
