// What the county gives: what waits, who stands for it, and who decided by hand.
import { button, make, replace, icon } from './draw.js';
import { ask } from './ask.js';
import { row } from './behind.js';
import { control } from './control.js';
import { known } from './kinds.js';
import { called, chip, moment, reading, value } from './show.js';
import { signature } from './signed.js';
import { announce, attempt, words } from './voice.js';
import { say, t } from './words.js';

const page = 30;
const ways = { number: 'wayNumber', first: 'wayFirst', hand: 'wayHand' };
const whys = { number: 'wayNumberWhy', first: 'wayFirstWhy', hand: 'wayHandWhy' };

// openDecisions shows the field that the address names, and what was decided.
export async function openDecisions(main, kinds, query, signal) {
  const title = make('h1', { tabindex: '-1' }, t('decisions'));
  const read = await ask('/api/decisions').catch((reason) => reason);
  if (signal.aborted) return;
  if (!read.fields?.length) {
    replace(main, title, make('p.nothing', read.text ? words(read) : t('nothingDecided')));
    return;
  }
  const name = (f) => `${f.kind}.${f.field}`;
  const hands = read.fields.filter((f) => f.way !== 'number');
  const field = read.fields.find((f) => name(f) === query.get('field')) ?? hands[0] ?? read.fields[0];
  const given = query.get('given') === 'true';
  const go = () => {
    location.hash = `#/decisions?${new URLSearchParams({ field: choose.value, given: done.checked })}`;
  };
  const option = (f) => {
    const waits = f.waiting > 0 ? ` · ${t('waitsFor', { n: f.waiting })}` : '';
    return make('option', { value: name(f), selected: f === field }, `${say(f.title)} · ${say(f.asked)}（${t(ways[f.way])}）${waits}`);
  };
  const choose = make('select', { id: 'decide-field', 'aria-label': t('whatIsDecided'), change: go }, read.fields.map(option));
  const done = make('input', { type: 'checkbox', id: 'decide-given', checked: given, change: go });
  const list = make('ul.own');
  const foot = make('div');
  const again = () => openDecisions(main, kinds, query, signal);
  const take = async (after) => {
    const { items, next } = await ask(`/api/decisions/${field.kind}/${field.field}?given=${given}&limit=${page}&after=${after}`);
    if (signal.aborted) return;
    list.append(...items.map((item) => make('li', oneCase(kinds, field, item, again))));
    const more = () => attempt(() => take(next));
    const none = !list.children.length && make('p.nothing', t(given ? 'noneGiven' : 'noneWaits'));
    replace(foot, none, next && button('.wide', '', t('loadMore'), more, { id: 'more' }));
  };
  replace(
    main, title, make('p.hint', t('decisionsWhy')),
    make('div.which', choose, make('label.tap', done, make('span', t('alreadyGiven')))),
    make('p.hint', t(whys[field.way])),
    list, foot, written(read.written),
  );
  await take('').catch((reason) => replace(foot, make('p.problem', icon('alert'), ' ', words(reason))));
}

// oneCase is a record, what it was given, who stands for it, and the way to decide.
function oneCase(kinds, field, item, again) {
  const of = kinds.find((k) => k.name === field.kind)?.fields.find((f) => f.name === field.field);
  const node = make('div.decide');
  const stands = item.given.map((v) => reading({ of }, v)).filter(Boolean);
  const open = () => replace(node, form(field, of, item, again, close));
  const close = () => replace(node, button('.quiet', 'pen', t('decideNow'), open, { id: `decide-${item.id}` }));
  if (field.way !== 'number') close();
  return make(
    'div.sheet.case',
    row(kinds, item),
    stands.length > 0 && make('p', chip(stands.join(' / '), stands.length > 1 ? 'wait' : 'good', stands.length > 1 ? 'alert' : 'check'), stands.length > 1 && ` ${t('givenTwice')}`),
    item.candidates?.length > 0 && make('ol.candidates', item.candidates.map((one) => make('li', standing(one)))),
    node,
  );
}

// standing reads who stands for it, and since when.
function standing(one) {
  const kind = one.record && known(one.record.kind);
  const { headline, words: who } = kind ? called(kind, one.record) : {};
  return make('span', make('b', [who, headline].filter(Boolean).join(' · ') || value(undefined, one.value)), make('span.quiet.small', ` ${one.device} · ${moment(one.at)}`));
}

// form asks what is decided, by whom and why.
function form(field, of, item, again, close) {
  const id = `decide-${item.id}`;
  const by = signature(id, true);
  const all = item.candidates ?? [];
  const taps = all.map((one) => make('input', { type: 'radio', name: id, value: one.key }));
  const asked = field.way === 'hand' && control({ ...of, required: false }, id);
  if (asked) asked.write(item.given[0]?.value);
  const complaint = make('p.problem', { role: 'alert', hidden: true });
  const send = async (event) => {
    event.preventDefault();
    const { kind, space, id: record } = item;
    const choice = asked ? { value: asked.read() ?? '' } : { candidate: taps.find((one) => one.checked)?.value ?? '' };
    try {
      await ask('/api/decisions', { method: 'POST', body: { record: { kind, space, id: record }, field: field.field, ...choice, ...by.read() } });
      announce(t('decidedNow'));
      await again();
    } catch (trouble) {
      if (!trouble.text) throw trouble;
      replace(complaint, icon('alert'), ' ', words(trouble));
      complaint.hidden = false;
    }
  };
  const what = asked
    ? asked.node
    : make('fieldset.field', make('legend', say(field.asked)), make('div.taps', all.map((one, i) => make('label.tap', taps[i], standing(one)))));
  return make(
    'form.sheet',
    { novalidate: true, submit: send, keydown: (event) => event.key === 'Escape' && close() },
    complaint, what, by.node,
    make('p.foot', make('button.main', icon('check'), t('decideNow')), button('.quiet', '', t('cancel'), close)),
  );
}

// written lists what people decided and wrote in the county's name.
function written(all) {
  const line = ({ by, reason, at, title, asked, value: said, count }) =>
    make(
      'li',
      make('b', by), ` · ${moment(Date.parse(at))} · ${say(title)}`,
      asked && ` · ${say(asked)}${said === undefined ? '' : `：${value(undefined, said) || '–'}`}`,
      count > 1 && ` · ${t('recordsWritten', { n: count })}`,
      reason && make('span.quiet', ` · ${reason}`),
    );
  return make('section.sheet.written', make('h2', t('writtenByHand')), all.length ? make('ul', all.map(line)) : make('p.quiet', t('nothingWritten')));
}
