// The month at a glance: how each work goes, system by system, who is late, and what needs
// somebody. Each figure leads on.
import { make, refresh, replace, icon } from './draw.js';
import { ask, now, repeat } from './ask.js';
import { change, earlier } from './compare.js';
import { reports } from './kinds.js';
import { day, number } from './show.js';
import { follow } from './status.js';
import { currency as currencyOf } from './table.js';
import { english, say, t } from './words.js';
import { clockWrong, grave, silent } from './quality.js';

const pause = 60e3; // between two readings of the figures
const county = 6; // digits of its code

// openOverview shows it, and keeps it up to date while it is seen.
export function openOverview(main, kinds, signal) {
  const facts = make('div');
  const works = make('div');
  const month = new Intl.DateTimeFormat(english() ? 'en' : 'zh-CN', { year: 'numeric', month: 'long', timeZone: 'Asia/Shanghai' });
  replace(main, make('h1', { tabindex: '-1' }, t('overviewTitle', { month: month.format(now()) })), make('div.overview', facts, works));
  let tasks;
  follow(({ status }) => status && refresh(facts, glance(status, tasks)), signal);
  const look = async () => {
    const [due, read] = await Promise.all([ask('/api/tasks?state=escalated&limit=1').catch(() => undefined), figures(kinds)]);
    tasks = due;
    if (!signal.aborted && read) refresh(works, systems(read, due?.late ?? {}));
  };
  repeat(look, pause, signal);
}

// glance is what needs somebody, in a few figures.
function glance(status, tasks) {
  const boxes = (status.peers ?? []).filter((p) => p.role === 'box');
  const facts = [
    ['boxesOnTime', t('ofAll', { n: boxes.length - silent(boxes).length, all: boxes.length }), '#/quality'],
    tasks && ['toldCounty', tasks.told[county] ?? 0, '#/told'],
    ['needsHands', grave(status).length, '#/quality'],
    ['clocksOff', clockWrong(boxes).length, '#/quality'],
  ];
  return make(
    'ul.glance',
    facts.filter(Boolean).map(([word, fact, href]) => make('li', make('a.sheet', { href }, make('b', String(fact)), make('span', t(word))))),
  );
}

// leading returns the report that stands for each kind: rather one that counts all records than
// some of them or another figure, and rather by their days than of what stands or of all.
function leading(kinds) {
  const plain = reports(kinds).filter(({ report: r }) => !['growth', 'difference'].includes(r.count));
  const dated = ({ report: r }) => Boolean(r.by?.includes('day') || r.from || r.to);
  const rank = (one) => (one.report.count === 'records' ? 0 : 4) + (one.report.where ? 2 : 0) + (dated(one) ? 0 : 1);
  const best = Object.values(Object.groupBy(plain, (r) => r.kind.name)).map((all) => all.toSorted((a, b) => rank(a) - rank(b))[0]);
  return best.map((one) => ({ ...one, dated: dated(one) }));
}

// figures asks at once for this month up to today, and the same days of the last; nothing
// while the node is away.
async function figures(kinds) {
  const today = day(now());
  const first = `${today.slice(0, 8)}01`;
  const next = new Date(Date.UTC(today.slice(0, 4), today.slice(5, 7), 0)).toISOString().slice(0, 10);
  const all = leading(kinds);
  const questions = all.map(({ name, dated }) => ({ report: name, ...(dated && { from: first, to: next }) }));
  const { totals, currency } = await ask('/api/report/totals', { method: 'POST', body: { compared: true, questions } }).catch(() => ({}));
  if (!totals) return undefined;
  const answered = all.map((one, i) => {
    const found = totals[i];
    return { ...one, now: { query: new URLSearchParams(questions[i]), found }, then: one.dated ? found.compared?.[0] : undefined }; // what has no days has no trend
  });
  return { currency, all: answered.filter((one) => !one.now.found.problems) };
}

// systems shows them in groups, each with what is late in it. What has no records yet is
// named in one line.
function systems({ all, currency }, late) {
  const groups = Object.entries(Object.groupBy(all, ({ kind }) => say(kind.system) || say(kind.title)));
  return make(
    'section',
    { 'aria-labelledby': 'systems' },
    make('h2', { id: 'systems' }, t('bySystem')),
    make('p.hint', t('bySystemWhy')),
    currency && currencyOf(currency),
    make('div.systems', groups.map(([name, some]) => system(name, some, late))),
  );
}

function system(name, all, late) {
  const lively = all.filter((one) => one.now.found.total || one.then?.total);
  const empty = all.filter((one) => !lively.includes(one));
  const overdue = all.reduce((n, { kind }) => n + (late[kind.name] ?? 0), 0);
  return make(
    'section.sheet.system',
    make('div.head', make('h3', name), overdue > 0 && make('a.chip.bad', { href: '#/told' }, icon('alert'), t('lateThings', { n: overdue }))),
    lively.length > 0 && make('ul', lively.map((one) => make('li', work(one)))),
    empty.length > 0 && make('p.hint', t('stillEmpty', { names: empty.map((one) => say(one.kind.title)).join(english() ? ', ' : '、') })),
  );
}

function work({ kind, report, now: present, then }) {
  const name = say(report.title);
  const way = (query) => `#/reports?${query}${report.by?.includes('area') ? '&by=area:9' : ''}`;
  const unit = say(report.unit ?? {});
  const amount = present.found.none ? '–' : number(present.found.total, present.found.decimals);
  const moved = then && trend(then, present.found.decimals);
  return [
    make('span', name.includes(say(kind.title)) ? name : `${say(kind.title)} · ${name}`),
    make(
      'span.quiet.small',
      make('a.amount', { href: way(present.query), 'aria-label': `${name} ${amount}` }, amount),
      unit && ` ${unit}`,
    ),
    then
      ? make('a.trend.quiet.small', { href: way(earlier(present.query, then)), title: t('sameDays'), 'aria-label': `${name} ${moved}，${t('sameDays')}` }, moved)
      : make('span.trend.quiet.small', t('inAll')),
  ];
}

// trend says by how much it is more or less than on the same days of the month before.
function trend(then, decimals) {
  if (then.difference === undefined) return '–';
  if (then.difference === 0) return t('asBefore');
  return `${then.difference < 0 ? '▼' : '▲'} ${change(then, decimals)}`;
}
