// Controls ask for one field each. A field's type says how it is asked for; the
// node alone judges what is given.
import { make, icon } from './draw.js';
import { now } from './ask.js';
import { wall } from './show.js';
import { say, t } from './words.js';

// chipsMax is how many options are laid out to be tapped; more of them unfold.
const chipsMax = 12;

// What a code looks like, where its kind gives no hint of its own.
const shapes = {
  county: { zh: '6 位区县代码', en: '6 digits' },
  area: { zh: '社区（村）12 位代码', en: 'The community’s 12 digits' },
  grid: { zh: '社区 12 位，再加 2 至 5 位', en: 'The community’s 12 digits, and 2 to 5 more' },
  household: { zh: '网格代码，再加 4 位', en: 'The grid’s digits, and 4 more' },
  resident_id: { zh: '18 位，最后一位可以是 X', en: '18 characters; the last may be X' },
  mobile: { zh: '11 位', en: '11 digits' },
  credit_code: { zh: '18 位', en: '18 characters' },
};
const numeric = new Set(['county', 'area', 'grid', 'household', 'mobile']);

// control returns a field's question: its node, and how to read the answer as
// the form's JSON carries it, write one, complain of it, and go to it.
export function control(field, path = field.name) {
  const id = `field-${path.replaceAll('.', '-')}`;
  const parts = (makers[field.type] ?? line)(field, id);
  const hint = say(field.hint) || say(shapes[field.type]);
  const problem = make('p', { class: 'problem', id: `${id}-problem`, hidden: true });
  const title = [say(field.title), field.required && make('span', { class: 'must' }, t('required'))];
  const node = parts.group
    ? make('fieldset', { class: 'field wide', id }, make('legend', {}, title), parts.body, problem)
    : make('div', { class: field.multiline ? 'field wide' : 'field' }, make('label', { for: id }, title),
      parts.body, hint && make('p', { class: 'hint', id: `${id}-hint` }, hint), problem);
  const told = parts.group ? node : parts.input;
  told.setAttribute('aria-describedby', `${hint && !parts.group ? `${id}-hint ` : ''}${id}-problem`);
  const complain = (text) => {
    problem.replaceChildren(...(text ? [icon('alert'), text] : []));
    problem.hidden = !text;
    node.classList.toggle('wrong', Boolean(text));
    if (text) told.setAttribute('aria-invalid', 'true');
    else told.removeAttribute('aria-invalid');
  };
  return { node, path, field, read: parts.read, write: parts.write, complain, focus: () => parts.input.focus() };
}

// Makers by type. Each gives the body, the element to go to, and read and write;
// a group is a body of several elements under one legend.
const makers = {
  text: (field, id) => (field.multiline ? area(field, id) : line(field, id)),
  int: (field, id) => line(field, id, { inputmode: 'numeric' }, number),
  decimal: (field, id) => line(field, id, { inputmode: 'decimal' }, number),
  date: (field, id) => line(field, id, { type: 'date' }),
  choice: (field, id) => (field.options.length > chipsMax ? list(field, id) : taps(field, 'radio')),
  choices: (field) => taps(field, 'checkbox'),
  bool: tick,
  instant,
};

const same = (text) => text;

function line(field, id, attributes = {}, meaning = same) {
  const digits = numeric.has(field.type) && { inputmode: 'numeric' };
  const input = make('input', { id, type: 'text', required: field.required, spellcheck: 'false',
    autocomplete: 'off', class: shapes[field.type] ? 'mono' : '', ...digits, ...attributes });
  return {
    body: input, input,
    read: () => (input.value.trim() === '' ? undefined : meaning(input.value.trim())),
    write: (value) => { input.value = value ?? ''; },
  };
}

function area(field, id) {
  const input = make('textarea', { id, rows: 3, required: field.required });
  return {
    body: input, input,
    read: () => (input.value.trim() === '' ? undefined : input.value),
    write: (value) => { input.value = value ?? ''; },
  };
}

// number keeps what is no number as it was typed: the node says what is wrong
// with it, and nothing that was typed gets lost.
function number(text) {
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function instant(field, id) {
  const input = make('input', { id, type: 'datetime-local', required: field.required });
  const set = (value) => { input.value = typeof value === 'number' ? wall(value) : value ?? ''; };
  const fresh = make('button', { type: 'button', class: 'quiet', click: () => {
    set(now());
    input.dispatchEvent(new Event('input', { bubbles: true }));
  } }, t('now'));
  return { body: make('div', { class: 'beside' }, input, fresh), input, read: () => input.value || undefined, write: set };
}

function list(field, id) {
  const input = make('select', { id, required: field.required },
    make('option', { value: '' }, t('choose')),
    field.options.map((o) => make('option', { value: o.value }, say(o.title))));
  return { body: input, input, read: () => input.value || undefined, write: (value) => { input.value = value ?? ''; } };
}

let groups = 0;

// taps lays the options out to be tapped. One that need not be chosen can be
// left out again, which bare radio buttons do not allow.
function taps(field, type) {
  const one = type === 'radio';
  const group = `group-${++groups}`;
  const options = field.options.map((o) => ({ value: o.value, text: say(o.title) }));
  if (one && !field.required) options.unshift({ value: '', text: t('optional') });
  const inputs = options.map((o) => make('input', { type, name: group, value: o.value, checked: one && o.value === '' }));
  const body = make('div', { class: 'taps' }, inputs.map((input, i) => make('label', { class: 'tap' }, input, make('span', {}, options[i].text))));
  return {
    group: true, body, input: inputs[0],
    read: () => {
      const chosen = inputs.filter((input) => input.checked).map((input) => input.value);
      if (one) return chosen[0] || undefined;
      return chosen.length ? chosen : undefined;
    },
    write: (value) => inputs.forEach((input) => {
      input.checked = one ? input.value === (value ?? '') : (value ?? []).includes(input.value);
    }),
  };
}

// tick asks for a yes that must be given as one box, and for any other yes or no
// as two, since an empty box would not say whether anybody was asked.
function tick(field, id) {
  if (!field.required) {
    const options = [['true', t('yes')], ['false', t('no')]].map(([value, text]) => ({ value, title: { zh: text, en: text } }));
    const both = taps({ ...field, options }, 'radio');
    const read = () => ({ true: true, false: false })[both.read()];
    return { ...both, read, write: (value) => both.write(value === undefined ? '' : String(value)) };
  }
  const input = make('input', { id, type: 'checkbox', required: true });
  const body = make('label', { class: 'tap' }, input, make('span', {}, t('yes')));
  return { body, input, read: () => input.checked || undefined, write: (value) => { input.checked = value === true; } };
}

