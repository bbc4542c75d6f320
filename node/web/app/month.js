// Month-end: what was frozen, what was restated since, and the closing of a month.
import { button, make, refresh, replace, icon } from './draw.js';
import { areaWords, isCode } from './areas.js';
import { ask, now } from './ask.js';
import { excel, exports, parquet } from './exports.js';
import { known } from './kinds.js';
import { wide } from './place.js';
import { called, chip, day, moment } from './show.js';
import { follow, hurry } from './status.js';
import { goesUp } from './upward.js';
import { announce, attempt, words } from './voice.js';
import { english, say, t } from './words.js';

// openMonths shows the month that the address names, else the last that is over, and has
// it closed.
export function openMonths(node, signal) {
  const shown = make('div');
  const input = make('input', { id: 'month', type: 'month', value: named() ?? before(), 'aria-label': t('month') });
  const look = async () => {
    const month = input.value;
    const found = await monthEnd(month).catch((reason) => reason);
    const asked = shown.querySelector('form'); // somebody is about to close it
    if (!signal.aborted && !asked && month === input.value) refresh(shown, found.text ? make('p.problem', icon('alert'), words(found)) : found);
  };
  input.addEventListener('change', () => {
    shown.replaceChildren();
    look();
  });
  let last = named();
  const turned = () => {
    if (named() && named() !== last) input.value = named();
    last = named();
    look();
  };
  addEventListener('hashchange', turned, { signal });
  replace(
    node,
    make('section.sheet.month', make('div.head', make('h2', t('monthEnd')), input), make('p.hint', t('monthEndWhy')), shown),
  );
  follow(look, signal);
}

// named is the month in the address.
const named = () => new URLSearchParams(location.hash.split('?')[1]).get('month') ?? undefined;

// before is the month before this one.
function before() {
  const [year, month] = day(now()).split('-').map(Number);
  return month === 1 ? `${year - 1}-12` : `${year}-${String(month - 1).padStart(2, '0')}`;
}

async function monthEnd(month) {
  const { months } = await ask('/api/months');
  if (months.some((m) => m.month === month)) return end(await ask(`/api/months/${month}`));
  if (month > before()) return make('p.nothing', t('monthGoesOn'));
  return make('div.stack', make('p', t('monthOpen')), closing(month));
}

// end shows a closed month: the reports that were restated, and all others behind them.
function end(month) {
  const restated = month.figures.filter((f) => f.difference);
  const others = month.figures.filter((f) => !f.difference);
  return make(
    'div.stack',
    exports(`/api/months/${month.month}`, [], [excel, ['CSV', { format: 'csv' }], parquet]),
    make('p', icon('check'), ' ', t('closedBy', { by: month.by, at: moment(Date.parse(month.at)), commit: month.commit })),
    make(month.complete.late.length ? 'p.late' : 'p', completeTo(month.complete)),
    restated.length ? figures(restated, month.month) : make('p.quiet', t('nothingRestated')),
    others.length > 0 && make('details', { id: 'month-others' }, make('summary', t('asFrozen', { n: others.length })), figures(others, month.month)),
    goesUp(month),
  );
}

// completeTo says of how many boxes all work was there, up to when, and who was late.
export function completeTo({ at, boxes: n, of: all, late }) {
  const names = late.join(english() ? ', ' : '、');
  const word = late.length ? (at ? 'boxesLate' : 'noneComplete') : 'boxesComplete';
  return t(word, { n, all, names, at: at ? moment(Date.parse(at)) : '—' });
}

function figures(all, month) {
  const heads = ['report', 'frozenFigure', 'figureNow', 'restated'].map((word, i) =>
    make(i ? 'th.number' : 'th', { scope: 'col' }, t(word)),
  );
  const line = ({ report, title, frozen, now: present, difference = '' }) =>
    make(
      'tr',
      make('th', { scope: 'row' }, make('a', { href: `#/reports?${new URLSearchParams({ report, month })}` }, say(title, report))),
      make('td.number', frozen || '–'),
      make('td.number', present || '–'),
      make(difference ? 'td.number.late' : 'td.number', difference),
    );
  return wide(make('table', make('thead', make('tr', heads)), make('tbody', all.map(line))), t('monthEnd'));
}

// closing is the button that closes a month, and what it asks first: who closes it, for it
// cannot be undone.
function closing(month) {
  const node = make('div.aside');
  const rest = () => replace(node, button('.main', 'check', t('closeMonth', { month }), open, { id: 'month-close' }));
  const open = () => {
    const by = make('input', { id: 'month-by', maxlength: 40, autocomplete: 'name', required: true });
    const save = (event) => {
      event.preventDefault();
      const sure = node.querySelector('button');
      sure.disabled = true;
      return attempt(async () => {
        await ask(`/api/months/${month}`, { method: 'POST', body: { by: by.value } });
        announce(t('monthClosed', { month }));
        node.replaceChildren();
        hurry();
      }).then((done) => {
        sure.disabled = done;
        dispatchEvent(new Event('hashchange')); // the figures of the month are frozen ones now
      });
    };
    const foot = make('p.foot', make('button.main', t('closeForGood')), button('.quiet', '', t('cancel'), rest));
    replace(node, make('form', { novalidate: true, submit: save }, make('label', t('closedByWhom'), by), make('p.hint', t('closeWhy')), foot));
    by.focus();
  };
  rest();
  return node;
}

// monthOf says of an answer what stands behind the figures of its month.
export function monthOf(month, query) {
  if (!month) return undefined;
  return make(
    'div.month',
    make('p', standing(month)),
    month.restated.length > 0 && restatements(month, query),
  );
}

function standing({ month, closed, frozen }) {
  if (!closed) return t('monthIsOpen', { month });
  if (!frozen) return t('notFrozenSo', { month });
  return [icon('check'), ` ${t('areFrozen', { month, by: closed.by })} · ${completeTo(closed.complete)}`];
}

function restatements({ restated }, query) {
  const line = ({ keys, labels, frozen, now: present, difference }) =>
    make(
      'li',
      make('b', keys.length ? labels.map((l, i) => (isCode(keys[i]) ? areaWords(keys[i]) : say(l, keys[i]))).join(' · ') : t('total')),
      ` ${frozen || '–'} → ${present || '–'} `,
      chip(difference || '≠', 'wait'),
    );
  const open = () => attempt(() => records(query));
  return make(
    'div.restated',
    make('p.late', icon('alert'), ` ${t('restatedSince')}`),
    make('ul', restated.slice(0, 20).map(line)),
    restated.length > 20 && make('p.hint', t('moreRows', { n: restated.length - 20 })),
    listed.of === String(query) ? listed.lines() : button('.quiet', 'list', t('whichRecords'), open, { id: 'month-records' }),
  );
}

// became says what became of a record after the month was closed.
const became = { late: 'cameLate', changed: 'changedSince', gone: 'countsNoMore' };

// listed are the records that a person asked to see, of which question. The answer that
// they stand in is drawn again and again.
const listed = { of: '', lines: undefined };

// records lists those that came late or changed since the month was closed.
async function records(query) {
  const wanted = new URLSearchParams(query);
  for (const name of ['by', 'current']) wanted.delete(name);
  wanted.set('changed', 'true');
  const { items, next } = await ask(`/api/report/records?${wanted}`);
  const line = (item) => {
    const kind = known(item.kind) ?? { fields: [] };
    const { headline, words: who } = called(kind, item);
    return make(
      'li',
      chip(t(became[item.since]), 'calm'),
      ` ${[areaWords(item.space.split('/')[0]), moment(item.changed), headline, who].filter(Boolean).join(' · ')}`,
    );
  };
  listed.of = String(query);
  listed.lines = () => [make('ul.records', items.map(line)), next && make('p.hint', t('andMore'))];
  dispatchEvent(new Event('hashchange')); // so that the answer is drawn with them
}
