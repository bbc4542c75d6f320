// One field of a record: how it reads, and what can be changed in it.
import { button, make, replace } from './draw.js';
import { area, isPlace } from './areas.js';
import { control } from './control.js';
import { textDraft } from './draft.js';
import { gallery } from './gallery.js';
import { ladder, stepEditor } from './ladder.js';
import { linkEditor, links, way } from './links.js';
import { ledger } from './ledger.js';
import { log } from './log.js';
import { byline, chip, reading, seal } from './show.js';
import { textEditor } from './text.js';
import { say, t } from './words.js';

// fact shows one field.
export function fact(field, shown) {
  const body = make('dd');
  const plain = () => {
    body.removeAttribute('data-open');
    const read = types[field.of?.type] ?? shapes[field.merge] ?? register;
    replace(body, read(field, shown, open));
  };
  const open = () => {
    body.dataset.open = '';
    replace(body, (editors[field.of?.type] ?? (field.merge === 'text' ? textEditor : editor))(field, shown, plain));
    body.querySelector('input, select, textarea').focus();
  };
  if (shown.write && field.of && field.merge === 'text' && textDraft(shown.kind, shown.name, field)) open();
  else plain();
  return make('div.fact', make('dt', say(field.title, field.name), !field.of && fresh(), seal(field.of)), body);
}

// fresh marks what comes of a newer form.
function fresh() {
  return make('span', { title: t('newerWhy') }, chip(t('newer'), 'calm'));
}

// How fields read, by the way they merge. What a reader may not change is shown without
// write, and so without controls.
const shapes = { set, counter, log, bounded: ledger, attachment: gallery };

// Some types read in a way of their own, and some are changed in one.
const types = { ladder, links };
const editors = { ladder: stepEditor, links: linkEditor };

function register(field, shown, open) {
  const [version] = field.versions;
  const edit = { id: `edit-${field.name}`, 'aria-label': `${t('edit')} ${say(field.title)}` };
  return make(
    'div.now',
    version && version.value !== ''
      ? content(field, version, shown)
      : make('span.quiet', t(field.of?.decide ? 'countyGives' : 'empty')),
    version && stray(field.of, version) && fresh(),
    field.waiting > 0 && chip(t('textWaits', { n: field.waiting }), 'wait', 'alert'),
    shown.merged.has(field.name) && chip(t('mergedText'), 'good', 'check'),
    version?.device && byline(version),
    shown.write && changeable(field, shown.kind) && button('.quiet.small', 'pen', t('edit'), open, edit),
  );
}

// changeable reports whether a field may be written over here: neither what places
// the record nor what is worked out or given by the county, not what makes it this record, and not what is not understood.
function changeable({ of }, { area, identity }) {
  return of && !of.is && !of.decide && of.type !== 'link' && of.name !== area.field && !identity?.includes(of.name);
}

// content shows a version's value; a link leads to the record that it names.
function content(field, version, { kinds, name, record, write }) {
  const to = field.of?.type === 'link' && kinds.find((k) => k.name === field.of.to);
  const prose = field.merge === 'text' || field.of?.multiline;
  if (isPlace(field.of)) return area(version.value);
  if (!to) return make(prose ? 'span.prose' : 'span', reading(field, version));
  return way(to, version.value, name.space, record.links, !write);
}

function set(field, { write }) {
  const title = say(field.title);
  const change = (edit) => write({ field: field.name, ...edit }, t('changed', { title }));
  const elements = field.versions.map((version) => {
    const text = reading(field, version);
    const drop = () => change({ remove: version.value });
    const label = { 'aria-label': `${t('remove')} ${text}` };
    return make('li', text, stray(field.of, version) && fresh(), write && button('', 'close', '', drop, label));
  });
  const held = new Set(field.versions.map((v) => v.value));
  const rest = field.of?.options?.filter((o) => !held.has(o.value)) ?? [];
  const add = {
    id: `add-${field.name}`,
    'aria-label': t('addTo', { title }),
    change: (event) => change({ add: event.target.value }),
  };
  const more =
    write &&
    rest.length > 0 &&
    make(
      'select',
      add,
      make('option', { value: '' }, `＋ ${t('add')}`),
      rest.map((o) => make('option', { value: o.value }, say(o.title))),
    );
  const latest = field.versions.toSorted((a, b) => b.at - a.at)[0];
  const filled = elements.length > 0 ? make('ul.elements', elements) : make('span.quiet', t('empty'));
  return [make('div.now', filled, more), latest && byline(latest)];
}

function counter(field, { write }) {
  const { name } = field;
  const plus = (n) => write({ field: name, plus: n }, t('changed', { title: say(field.title) }));
  const amount = make('input', {
    type: 'number',
    step: '1',
    id: `amount-${name}`,
    'aria-label': t('addAmount'),
    placeholder: t('addAmount'),
  });
  const send = () => {
    const n = amount.valueAsNumber;
    amount.value = '';
    if (Number.isInteger(n) && n !== 0) plus(n);
  };
  const enter = (event) => event.key === 'Enter' && send();
  return [
    make(
      'div.now',
      make('b.figure', String(field.total ?? 0)),
      write && button('', 'plus', t('addOne'), () => plus(1), { id: `plus-${name}` }),
      write && make(
        'span.beside',
        { keydown: enter },
        amount,
        button('.quiet', '', t('add'), send, { id: `send-${name}` }),
      ),
    ),
    field.versions.map((version) => byline(version, `+${version.value}`)),
  ];
}

// standing returns the field as it can be asked for: an option of a newer form is
// offered as long as it stands, so that saving does not take it away unseen.
function standing({ of, versions: [version] }) {
  const newer = version && of.type === 'choice' && stray(of, version);
  if (!newer) return of;
  const title = { zh: String(version.value), en: String(version.value) };
  return { ...of, options: [...of.options, { value: version.value, title }] };
}

// stray reports whether a version is an option that the form does not have.
function stray(of, version) {
  return of?.options && !of.options.some((o) => o.value === version.value);
}

// editor asks for a field's new value. The edit names what the person saw, so
// that what another writes meanwhile is not written over.
function editor(field, { write }, close) {
  const asked = control(standing(field), `edit.${field.name}`);
  asked.write(field.versions[0]?.value);
  const saw = field.versions.flatMap((v) => v.saw);
  const save = (event) => {
    event.preventDefault();
    write(
      { field: field.name, set: asked.read() ?? '', saw },
      t('changed', { title: say(field.title) }),
    );
  };
  const leave = (event) => event.key === 'Escape' && close();
  return make(
    'form.editor',
    { novalidate: true, submit: save, keydown: leave },
    asked.node,
    make('div.foot', make('button.main', t('save')), button('.quiet', '', t('cancel'), close)),
  );
}
