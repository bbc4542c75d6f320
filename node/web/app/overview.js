// The month at a glance: how each work goes, system by system, who is late, and what needs
// somebody. Each figure leads on.
import { make, refresh, replace, icon } from './draw.js';
import { ask, now, repeat } from './ask.js';
import { change, earlier } from './compare.js';
import { reports } from './kinds.js';
import { day, number } from './show.js';
import { follow } from './status.js';
import { english, say, t } from './words.js';
import { clockWrong, grave, silent } from './quality.js';

const pause = 60e3; // between two readings of the figures
const atOnce = 4; // questions under way

// openOverview shows it, and keeps it up to date while it is seen.
export function openOverview(main, kinds, signal) {
  const facts = make('div');
  const works = make('div');
  const month = new Intl.DateTimeFormat(english() ? 'en' : 'zh-CN', { year: 'numeric', month: 'long', timeZone: 'Asia/Shanghai' });
  replace(main, make('h1', { tabindex: '-1' }, t('overviewTitle', { month: month.format(now()) })), make('div.overview', facts, works));
  let told;
  follow(({ status }) => status && refresh(facts, glance(status, told)), signal);
  const look = async () => {
    told = await ask('/api/tasks?state=escalated&to=county&limit=1').catch(() => undefined);
    const late = lateOf(await ask('/api/tasks?state=escalated,overdue').catch(() => undefined));
    const read = await figures(kinds, signal);
    if (!signal.aborted && read) refresh(works, systems(read, late));
  };
  repeat(look, pause, signal);
}

// glance is what needs somebody, in a few figures.
function glance(status, told) {
  const boxes = (status.peers ?? []).filter((p) => p.role === 'box');
  const facts = [
    ['boxesOnTime', t('ofAll', { n: boxes.length - silent(boxes).length, all: boxes.length }), '#/quality'],
    told && ['toldCounty', told.counts.escalated ?? 0, '#/told'],
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

// figures asks for this month up to today, and the same days of the last; nothing while
// the node is away.
async function figures(kinds, signal) {
  const today = day(now());
  const first = `${today.slice(0, 8)}01`;
  const next = new Date(Date.UTC(today.slice(0, 4), today.slice(5, 7), 0)).toISOString().slice(0, 10);
  const queue = leading(kinds);
  const all = queue.map((one) => ({ ...one }));
  const rest = [...all];
  const total = async (one, days) => {
    const query = new URLSearchParams({ report: one.name, ...days });
    return { query, found: await ask(`/api/report?${query}${one.dated ? '&compared=true' : ''}`) };
  };
  const work = async () => {
    for (let one = rest.shift(); one && !signal.aborted; one = rest.shift()) {
      one.now = await total(one, one.dated ? { from: first, to: next } : {});
      one.then = one.dated ? one.now.found.compared?.[0] : undefined; // what has no days has no trend
    }
  };
  return Promise.all(Array.from({ length: atOnce }, work)).then(() => all, () => undefined);
}

// systems shows them in groups, each with what is late in it. What has no records yet is
// named in one line.
function systems(all, late) {
  const groups = Object.entries(Object.groupBy(all, ({ kind }) => say(kind.system) || say(kind.title)));
  return make(
    'section',
    { 'aria-labelledby': 'systems' },
    make('h2', { id: 'systems' }, t('bySystem')),
    make('p.hint', t('bySystemWhy')),
    make('div.systems', groups.map(([name, some]) => system(name, some, late))),
  );
}

function system(name, all, late) {
  const lively = all.filter((one) => one.now.found.total || one.then?.total);
  const empty = all.filter((one) => !lively.includes(one));
  const overdue = all.reduce((n, { kind }) => n + (late.counts.get(kind.name) ?? 0), 0);
  return make(
    'section.sheet.system',
    make('div.head', make('h3', name), overdue > 0 && make('a.chip.bad', { href: '#/told' }, icon('alert'), t('lateThings', { n: late.more ? `${overdue}+` : overdue }))),
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
    make('span', say(kind.title) === name ? name : `${say(kind.title)} · ${name}`),
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

// lateOf counts what is late by the kinds of the records that cause it.
function lateOf({ items = [], more = 0 } = {}) {
  const counts = new Map();
  items.forEach(({ kind }) => counts.set(kind, (counts.get(kind) ?? 0) + 1));
  return { counts, more };
}
