// What is to be done about the records here: the longest overdue first, each with the
// way to the form that does it.
import { button, make, refresh, replace, icon } from './draw.js';
import { area } from './areas.js';
import { address, ask, now } from './ask.js';
import { called, chip, day, moment, wall } from './show.js';
import { follow } from './status.js';
import { say, t } from './words.js';

const states = {
  escalated: { word: 'dueEscalated', tone: 'bad', drawing: 'up' },
  overdue: { word: 'dueOverdue', tone: 'bad', drawing: 'alert' },
  open: { word: 'dueOpen', tone: 'wait', drawing: '' },
  undated: { word: 'dueUndated', tone: 'calm', drawing: 'alert' },
  later: { word: 'dueLater', tone: 'calm', drawing: '' },
};

const dayLong = 86400e3;

const page = 500; // as the node lists them

// tasks asks for so many pages of the list, one after the other: the node may list fewer than
// there are.
export async function tasks(query, pages) {
  let all;
  for (let i = 0; i < pages && (!all || all.more > 0); i++) {
    const found = await ask(`/api/tasks?${new URLSearchParams({ ...query, skip: i * page, limit: page })}`);
    all = { ...found, items: [...(all?.items ?? []), ...found.items] };
  }
  return all;
}

// openDue shows the day's list, and keeps it up to date while it is seen.
export function openDue(main, kinds, { later }, signal) {
  const list = make('div');
  const only = make('input', {
    type: 'checkbox',
    id: 'due-later',
    checked: later,
    change: () => location.replace(`#/due${only.checked ? '/later' : ''}`),
  });
  replace(
    main,
    make('h1.unseen', { tabindex: '-1' }, t('due')),
    make('div.above', make('p.quiet', t('dueWhy')), make('label.tap', only, make('span', t('dueAlsoLater')))),
    list,
  );
  replace(list, make('p.nothing', t('loading')));
  let pages = 1;
  const look = async () => {
    const due = await tasks(later ? { state: Object.keys(states).join() } : {}, pages).catch((trouble) => {
      if (!trouble.away) throw trouble;
    });
    if (due && !signal.aborted) refresh(list, sections(due, kinds, true, more));
  };
  const more = () => {
    pages += 1;
    return look();
  };
  follow(look, signal);
}

// sections shows a list by how urgent its things are; at the hub, which does none of them,
// with the ways to their records alone. Where there are more, next lists them.
export function sections({ items, counts, more }, kinds, here, next) {
  const part = (state) => {
    const some = items.filter((item) => item.state === state);
    const { word } = states[state];
    return (
      some.length > 0 &&
      make(
        `section.due.${state}`,
        make('h2', t(word), make('b.count', String(counts[state]))),
        make('ul.things', some.map((item) => make('li', row(item, kinds, here)))),
      )
    );
  };
  return [
    Object.keys(states).map(part),
    !items.length && make('p.nothing', icon('check'), ' ', t('dueNothing')),
    more > 0 && make('p.foot', make('span.hint', t('dueMore', { n: more })), button('.quiet', '', t('dueNext', { n: Math.min(more, page) }), next, { id: 'due-next' })),
  ];
}

function row(item, kinds, here) {
  const kind = kinds.find((k) => k.name === item.kind);
  const { headline, words } = kind ? called(kind, item) : { headline: '', words: '' };
  const { tone, drawing } = states[item.state];
  return make(
    'div.thing',
    make(
      'div.line',
      make('strong', say(item.title)),
      chip(byWhen(item), tone, drawing),
      item.to > 0 && chip(t(`dueTo${item.to}`), 'calm'),
    ),
    (words || headline) && make('div.line', words || headline),
    make('div.line.quiet', kind && say(kind.title), ' · ', area(item.area), words && headline && ` · ${headline}`),
    item.say && make('div.line.say', say(item.say)),
    make('div.ways', here ? ways(item, kinds) : seen(item)),
  );
}

// ways leads to the form that does the thing, or to the record where it is done.
function ways(item, kinds) {
  const record = `#/record/${address(item)}`;
  const way = ({ kind }) => kinds.find((k) => k.name === kind);
  const { by = {}, raise = {} } = item;
  return [
    way(by)
      ? make('a.do', { href: form(item, way(by), by) }, icon('pen'), t('dueDo'))
      : make('a.do', { href: record }, icon('pen'), t('dueDo')),
    way(raise) && make('a', { href: form(item, way(raise), raise) }, say(way(raise).title)),
    way(by) && make('a', { href: record }, t('dueRecord')),
  ];
}

// seen leads to a record where it is only looked at; not to a confidential one.
function seen(item) {
  return !item.space.endsWith('/confidential') && make('a', { href: `#/record/${address(item)}` }, t('dueRecord'));
}

// form is the address of a form with what is known filled in: whom it is about, where,
// and which of the day's times.
function form(item, kind, { link, day: dated, slot }) {
  const filled = { [link]: item.id, [kind.area.field]: item.area };
  if (dated) filled[dated] = item.day;
  if (slot) filled[slot] = kind.fields.find((f) => f.name === slot)?.options[item.slot - 1]?.value ?? '';
  return `#/fill/${kind.name}/${encodeURIComponent(new URLSearchParams(filled))}`;
}

// byWhen says until when a thing is to be done, or for how long it is late.
function byWhen({ state, opens, due, missed, unknown, slot }) {
  if (unknown) return t('dueUnknown', { year: unknown });
  if (missed > 1) return t('dueMissed', { n: missed });
  if (state === 'overdue' || state === 'escalated') {
    const days = Math.floor((now() - due) / dayLong);
    return days ? t('dueLateDays', { n: days }) : t('dueLateSince', { at: moment(due) });
  }
  if (slot) return `${day(opens) === day(now()) ? t('dueToday') : moment(opens).split(' ')[0]} ${wall(opens).slice(11)}–${wall(due).slice(11)}`;
  const whole = wall(due).endsWith('00:00');
  if (day(due - 1) === day(now())) return whole ? t('dueToday') : t('dueTodayBy', { at: wall(due).slice(11) });
  return t('dueBy', { day: whole ? day(due - 1) : moment(due) });
}
