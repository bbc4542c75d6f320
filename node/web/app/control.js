// A control asks for one field: its title, the means to answer, a hint, and what
// the node had to say of the answer.
import { make, icon } from './draw.js';
import { answer } from './answer.js';
import { seal } from './show.js';
import { say, t } from './words.js';

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

// control returns a field's node, and how to read the answer as the form's JSON
// carries it, write one, complain of it, and go to it.
export function control(field, path = field.name) {
  const id = `field-${path.replaceAll('.', '-')}`;
  const { body, input, group, read, write, ready } = answer(field, id);
  const words = say(field.hint) || say(shapes[field.type]);
  const hint = words && make('p.hint', { id: `${id}-hint` }, words);
  const problem = make('p.problem', { id: `${id}-problem`, hidden: true });
  const title = [say(field.title), field.required && make('span.must', t('required')), seal(field)];
  const node = group
    ? make('fieldset.field.wide', make('legend', title), body, hint, problem)
    : make('div.field', make('label', { for: id }, title), body, hint, problem);
  node.classList.toggle('wide', Boolean(group || field.multiline));
  const told = group ? node : input;
  told.setAttribute('aria-describedby', `${id}-hint ${id}-problem`);
  const complain = (text) => {
    problem.replaceChildren(...(text ? [icon('alert'), text] : []));
    problem.hidden = !text;
    node.classList.toggle('wrong', Boolean(text));
    told.setAttribute('aria-invalid', String(Boolean(text)));
  };
  return { node, path, field, read, write, ready, complain, focus: () => input.focus() };
}
