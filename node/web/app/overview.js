// The month at a glance: how each work goes, who is late, and what needs somebody. Each
// figure leads on.
import { make, refresh, replace } from './draw.js';
import { ask, now, repeat } from './ask.js';
import { before, change } from './compare.js';
import { reports } from './kinds.js';
import { wide } from './place.js';
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
    const read = await figures(kinds, signal);
    if (!signal.aborted && read) refresh(works, table(read));
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

// leading returns the report that stands for each system: the first that counts records by
// their days.
function leading(kinds) {
  const plain = reports(kinds).filter(({ report: r }) => r.count === 'records' && r.by?.includes('day') && !r.where);
  return Object.values(Object.groupBy(plain, (r) => say(r.kind.system) || say(r.kind.title))).map(([first]) => first);
}

// figures asks for this month up to today, and the same days of the last; nothing while
// the node is away.
async function figures(kinds, signal) {
  const today = day(now());
  const first = `${today.slice(0, 8)}01`;
  const next = new Date(Date.UTC(today.slice(0, 4), today.slice(5, 7), 0)).toISOString().slice(0, 10);
  const [last] = before(first, next);
  const queue = leading(kinds);
  const all = queue.map((one) => ({ ...one }));
  const rest = [...all];
  const total = async (one, from, to) => {
    const query = new URLSearchParams({ report: one.name, from, to });
    return { query, found: await ask(`/api/report?${query}`) };
  };
  const work = async () => {
    for (let one = rest.shift(); one && !signal.aborted; one = rest.shift()) {
      one.now = await total(one, first, next);
      one.then = await total(one, last.from, last.to);
    }
  };
  return Promise.all(Array.from({ length: atOnce }, work)).then(() => all, () => undefined);
}

function table(all) {
  const lively = all.filter((one) => one.now.found.total || one.then.found.total);
  const heads = ['monthSoFar', 'sameDays', 'difference'].map((word) => make('th.number', { scope: 'col' }, t(word)));
  const amount = ({ query, found }, name) =>
    make('td.number', make('a', { href: `#/reports?${query}&by=area:9`, 'aria-label': `${name} ${number(found.total)}` }, number(found.total)));
  const line = (one) => {
    const name = say(one.report.title);
    return make(
      'tr',
      make('th', { scope: 'row' }, name, make('span.quiet.small', ` ${say(one.kind.system)}`)),
      amount(one.now, name),
      amount(one.then, name),
      make('td.number', change('records', one.now.found, one.then.found)),
    );
  };
  const body = make('table', make('thead', make('tr', make('th', { scope: 'col' }, t('work')), heads)), make('tbody', lively.map(line)));
  return make(
    'section.sheet',
    make('h2', t('bySystem')),
    make('p.hint', t('bySystemWhy')),
    lively.length > 0 && wide(body, t('bySystem')),
    all.length > lively.length && make('p.hint', t('stillEmpty', { n: all.length - lively.length })),
  );
}
