// The means to answer a question, by the type of its field. The node alone judges
// what is answered; here nothing is refused and nothing is lost.
import { button, make } from './draw.js';
import { areaList, areaName, digitsOf } from './areas.js';
import { now } from './ask.js';
import { photos } from './photos.js';
import { pick } from './pick.js';
import { begins } from './rung.js';
import { wall } from './show.js';
import { say, t } from './words.js';

// tapsMax is how many options are laid out to be tapped; more of them unfold.
const tapsMax = 12;

const means = {
  text: (field, id) => (field.multiline ? prose(field, id) : line(field, id)),
  int: (field, id) => line(field, id, { inputmode: 'numeric' }, number),
  decimal: (field, id) => line(field, id, { inputmode: 'decimal' }, number),
  date: (field, id) => line(field, id, { type: 'date' }),
  bool: (field, id) => (field.required ? tick(id) : either(id)),
  choice: (field, id) => (field.options.length > tapsMax ? list(field, id) : one(field, id)),
  choices: several,
  ladder: beginning,
  instant,
  county: place,
  area: place,
  grid: place,
  household: place,
  link: (field, id) => pick(field, id, false),
  links: (field, id) => pick(field, id, true),
  photo: photos,
  file: photos,
};

// Codes are typed with the keys and in the letters that suit them.
const digits = { inputmode: 'numeric', class: 'mono' };
const letters = { class: 'mono' };
const codes = {
  mobile: digits,
  resident_id: letters,
  credit_code: letters,
};

const code = (field, id) => line(field, id, codes[field.type]);

// answer returns the body to show, the element to go to, whether the body is a
// group of several, and read and write. Read gives undefined for no answer. What
// takes its time to be answered has ready, which waits for it.
export function answer(field, id) {
  return (means[field.type] ?? code)(field, id);
}

const same = (text) => text;

function line(field, id, attributes = {}, meaning = same) {
  const quiet = { spellcheck: 'false', autocomplete: 'off' };
  const input = make('input', {
    id,
    type: 'text',
    required: field.required,
    ...quiet,
    ...attributes,
  });
  const read = () => (input.value.trim() ? meaning(input.value.trim()) : undefined);
  return { body: input, input, read, write: into(input) };
}

// place asks for an area: its code, which a name that is chosen or typed stands for. What the
// code means is said below it.
function place(field, id) {
  const most = { county: 6 }[field.type] ?? 12; // digits of what has a name
  const own = line(field, id, { class: 'mono', list: `${id}-list` });
  const called = make('p.hint', { role: 'status' });
  const tell = () => {
    called.textContent = areaName(own.input.value.trim()) ?? '';
  };
  own.input.addEventListener('input', tell);
  const some = areaList(`${id}-list`, (code, name) => ({ value: code, label: name }), (code) => code.length === most);
  const read = () => (own.input.value.trim() ? (digitsOf(own.input.value) ?? own.input.value.trim()) : undefined);
  const write = (value) => {
    own.write(value);
    tell();
  };
  return { body: make('div.area-input', own.input, some, called), input: own.input, read, write };
}

// into returns what writes a value into an input.
function into(input) {
  return (value) => {
    input.value = value ?? '';
  };
}

// number leaves what is no number as it was typed, for the node to complain of.
function number(text) {
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function prose(field, id) {
  const input = make('textarea', { id, rows: 3, required: field.required });
  return {
    body: input,
    input,
    read: () => (input.value.trim() ? input.value : undefined),
    write: into(input),
  };
}

function instant(field, id) {
  const input = make('input', { id, type: 'datetime-local', required: field.required });
  const write = (value) => into(input)(typeof value === 'number' ? wall(value) : value);
  const fresh = () => {
    write(now());
    input.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const body = make('div.beside', input, button('.quiet', '', t('now'), fresh));
  return { body, input, read: () => input.value || undefined, write };
}

function list(field, id) {
  const options = field.options.map((o) => make('option', { value: o.value }, say(o.title)));
  const input = make(
    'select',
    { id, required: field.required },
    make('option', { value: '' }, t('choose')),
    options,
  );
  return { body: input, input, read: () => input.value || undefined, write: into(input) };
}

// tick asks for a yes that must be given.
function tick(id) {
  const input = make('input', { id, type: 'checkbox', required: true });
  const write = (value) => {
    input.checked = value === true;
  };
  const body = make('label.tap', input, make('span', t('yes')));
  return { body, input, read: () => input.checked || undefined, write };
}

// either asks for a yes or a no: an empty box would not say whether anybody was
// asked.
function either(id) {
  const taps = radios(id, [
    ['', t('optional')],
    ['true', t('yes')],
    ['false', t('no')],
  ]);
  const read = () => ({ true: true, false: false })[taps.read()];
  return { ...taps, read, write: (value) => taps.write(value === undefined ? '' : String(value)) };
}

// one asks for one option, which can be left out again if none is required.
function one(field, id) {
  const none = field.required ? [] : [['', t('optional')]];
  return radios(id, [...none, ...titles(field)]);
}

// beginning asks for the rung at which a case begins; it goes on at its record.
function beginning(field, id) {
  return one({ ...field, options: field.options.filter(begins) }, id);
}

function radios(id, pairs) {
  const { body, inputs } = taps(id, 'radio', pairs);
  const write = (value) =>
    inputs.forEach((input) => {
      input.checked = input.value === (value ?? '');
    });
  write('');
  return {
    group: true,
    body,
    input: inputs[0],
    read: () => inputs.find((i) => i.checked)?.value || undefined,
    write,
  };
}

function several(field, id) {
  const { body, inputs } = taps(id, 'checkbox', titles(field));
  const read = () => {
    const chosen = inputs.filter((i) => i.checked).map((i) => i.value);
    return chosen.length ? chosen : undefined;
  };
  const write = (values) =>
    inputs.forEach((input) => {
      input.checked = Boolean(values?.includes(input.value));
    });
  return { group: true, body, input: inputs[0], read, write };
}

function titles(field) {
  return field.options.map((o) => [o.value, say(o.title)]);
}

// taps lays options, given as pairs of value and title, out to be tapped.
function taps(name, type, pairs) {
  const inputs = pairs.map(([value], i) =>
    make('input', { id: `${name}-${i}`, type, name, value }),
  );
  const body = make(
    'div.taps',
    inputs.map((input, i) => make('label.tap', input, make('span', pairs[i][1]))),
  );
  return { body, inputs };
}
