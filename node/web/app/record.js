// One record in full: each field with who wrote it, when, and how far it came.
import { make, replace, icon } from './draw.js';
import { address, ask } from './ask.js';
import { control } from './control.js';
import { conflict } from './conflict.js';
import { chip, code, moment, mono, rank, track, value } from './show.js';
import { follow } from './status.js';
import { announce, attempt } from './voice.js';
import { say, t } from './words.js';

// openRecord shows a record and follows its changes, but never while the person
// is changing it: what they saw must stay what they see.
export function openRecord(main, kinds, name, signal) {
  const kind = kinds.find((k) => k.name === name.kind) ?? { name: name.kind, title: {}, fields: [], area: {} };
  const body = make('div', {});
  replace(main, make('p', {}, make('a', { class: 'back', href: `#/records/${kind.name}` }, icon('back'), t('back'))), body);
  let last = '';
  const look = async (forced) => {
    if (!forced && body.querySelector('form, [data-open]')) return;
    try {
      const record = await ask(`/api/records/${address(name)}`);
      const read = JSON.stringify(record);
      if (!signal.aborted && (forced || read !== last)) replace(body, sheet({ kind, kinds, name, record, write }));
      last = read;
    } catch (trouble) {
      if (!trouble.away) replace(body, make('p', { class: 'nothing' }, t('gone')));
    }
  };
  // write makes one edit, says so, and shows the record as it then is.
  const write = (edit, said) => attempt(async () => {
    await ask(`/api/records/${address(name)}`, { method: 'PATCH', body: { edits: [edit] } });
    announce(said);
    await look(true);
  });
  follow(() => look(false), signal);
}

function sheet(shown) {
  const { kind, name, record } = shown;
  const fields = record.fields.map((field) => ({ ...field, of: kind.fields.find((f) => f.name === field.name) }));
  const here = new Set(fields.map((field) => field.name));
  const empty = kind.fields.filter((f) => !here.has(f.name)).map((f) => (
    { name: f.name, title: f.title, merge: f.merge, conflict: false, versions: [], of: f, total: f.merge === 'counter' ? 0 : undefined }));
  const split = fields.filter((field) => field.conflict);
  const rest = [...fields.filter((field) => !field.conflict && field.of), ...empty]
    .sort((a, b) => kind.fields.indexOf(a.of) - kind.fields.indexOf(b.of));
  const strange = fields.filter((field) => !field.conflict && !field.of);
  const [area, rankName] = name.space.split('/');
  return [
    make('div', { class: 'head' }, make('h1', { tabindex: '-1' }, say(kind.title, kind.name)), rank(rankName), track(record.level)),
    make('p', { class: 'quiet small' }, mono(code(area)), ' · ', t('number'), ' ', mono(name.id.slice(0, 8))),
    split.map((field) => conflict(field, shown.write)),
    make('dl', { class: 'sheet facts' }, [...rest, ...strange].map((field) => fact(field, shown))),
  ];
}

// fact shows one field and offers what can be changed in it.
function fact(field, shown) {
  const title = say(field.title, field.name);
  const body = make('dd', {});
  const plain = () => {
    body.removeAttribute('data-open');
    replace(body, (shapes[field.merge] ?? register)(field, shown, open));
  };
  const open = () => {
    body.dataset.open = '';
    replace(body, editor(field, shown, plain));
    body.querySelector('input, select, textarea').focus();
  };
  plain();
  return make('div', { class: field.versions.length ? 'fact' : 'fact blank' },
    make('dt', {}, title, !field.of && make('span', { title: t('newerWhy') }, chip(t('newer'), 'calm'))), body);
}

// How fields read, by the way they merge.
const shapes = { set, counter };

function register(field, shown, open) {
  const [version] = field.versions;
  return make('div', { class: 'now' }, version ? reading(field, version, shown) : make('span', { class: 'quiet' }, t('empty')),
    version && byline(version),
    changeable(field, shown.kind) && make('button', { type: 'button', class: 'quiet small', id: `edit-${field.name}`, click: open,
      'aria-label': `${t('edit')} ${say(field.title)}` }, icon('pen'), t('edit')));
}

// changeable reports whether a field may be written over here: not what places
// the record, not what makes it this record, and not what is not understood.
function changeable({ of }, kind) {
  return of && of.name !== kind.area.field && !kind.identity?.includes(of.name) && of.type !== 'link';
}

// reading shows a version's value; a link leads to the record it names.
function reading(field, version, { kinds, name }) {
  const to = field.of?.type === 'link' && kinds.find((k) => k.name === field.of.to);
  if (to) {
    const space = `${name.space.slice(0, to.area.level)}/${to.class}`;
    return make('a', { href: `#/record/${address({ kind: to.name, space, id: version.value })}` }, say(to.title), ' ', mono(String(version.value).slice(0, 8)));
  }
  const text = say(version.label) || value(field.of, version.value);
  return make('span', { class: field.of?.multiline ? 'prose' : '' }, text);
}

// byline says who wrote a version, when, and how far it has come.
function byline(version) {
  return make('p', { class: 'byline' }, `${version.device} · ${moment(version.at)}`, track(version.level));
}

function set(field, { write }) {
  const title = say(field.title);
  const held = new Set(field.versions.map((v) => v.value));
  const addable = field.of?.options?.filter((o) => !held.has(o.value)) ?? [];
  const elements = field.versions.map((v) => {
    const text = say(v.label) || value(field.of, v.value);
    return make('li', { title: `${v.device} · ${moment(v.at)}` }, text, make('button', { type: 'button', 'aria-label': `${t('remove')} ${text}`,
      click: () => write({ field: field.name, remove: v.value }, t('changed', { title })) }, icon('close')));
  });
  const add = addable.length > 0 && make('select', { id: `add-${field.name}`, 'aria-label': t('addTo', { title }),
    change: (event) => write({ field: field.name, add: event.target.value }, t('changed', { title })) },
  make('option', { value: '' }, `＋ ${t('add')}`), addable.map((o) => make('option', { value: o.value }, say(o.title))));
  const [latest] = field.versions.toSorted((a, b) => b.at - a.at);
  return make('div', { class: 'now' }, make('ul', { class: 'elements' }, elements), latest && byline(latest), add);
}

function counter(field, { write }) {
  const title = say(field.title);
  const plus = (n) => write({ field: field.name, plus: n }, t('changed', { title }));
  const amount = make('input', { type: 'number', step: '1', id: `amount-${field.name}`, 'aria-label': t('addAmount'), placeholder: t('addAmount') });
  const send = (event) => {
    event.preventDefault();
    if (Number.isInteger(amount.valueAsNumber) && amount.valueAsNumber !== 0) plus(amount.valueAsNumber);
    amount.value = '';
  };
  return [
    make('div', { class: 'now' }, make('b', { class: 'figure' }, String(field.total ?? 0)),
      make('button', { type: 'button', id: `plus-${field.name}`, click: () => plus(1) }, icon('plus'), t('addOne')),
      make('span', { class: 'beside', keydown: (event) => event.key === 'Enter' && send(event) }, amount,
        make('button', { type: 'button', class: 'quiet', id: `send-${field.name}`, click: send }, t('add')))),
    field.versions.map((v) => make('p', { class: 'byline' }, `${v.device} +${v.value} · ${moment(v.at)}`, track(v.level))),
  ];
}

// editor asks for a field's new value. It names what the person saw, so that
// what another writes meanwhile is not written over.
function editor(field, { write }, close) {
  const asked = control(field.of, `edit.${field.name}`);
  asked.write(field.versions[0]?.value);
  const save = (event) => {
    event.preventDefault();
    write({ field: field.name, set: asked.read() ?? '', saw: field.versions.flatMap((v) => v.saw) }, t('changed', { title: say(field.title) }));
  };
  return make('form', { class: 'editor', novalidate: true, submit: save, keydown: (event) => event.key === 'Escape' && close() },
    asked.node, make('div', { class: 'foot' }, make('button', { class: 'main' }, t('save')),
      make('button', { type: 'button', class: 'quiet', click: close }, t('cancel'))));
}
