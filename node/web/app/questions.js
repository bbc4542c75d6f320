// Questions are a kind's controls together: a form, with the forms within it.
import { make } from './draw.js';
import { control } from './control.js';
import { holds, reading, result } from './formula.js';
import { repeated } from './repeated.js';
import { seal, value } from './show.js';
import { say } from './words.js';

// questions returns the nodes of a kind's controls, all controls by the path
// that the node uses in its complaints, and read, write and ready for the whole. An
// inline form is not asked for its own area, which is that of the form around it, nor for
// its link back there.
export function questions(kind, kinds, prefix = '', skip = []) {
  const parts = kind.fields
    .filter((field) => !skip.includes(field.name) && !field.decide)
    .map((field) => {
      const linked = field.inline && kinds.find((k) => k.name === field.to);
      if (linked) return within(field, linked, kinds, prefix);
      return field.is ? outcome(field) : single(field, prefix);
    });
  // A heading stands above the questions up to the next one, if any of them is asked.
  const headings = [];
  const nodes = parts.flatMap((part) => {
    const { section } = part.field;
    if (section) headings.push({ node: make('h3.wide', say(section)), of: [] });
    headings.at(-1)?.of.push(part);
    return section ? [headings.at(-1).node, part.node] : [part.node];
  });
  // look shows the questions that are asked after what is answered before them.
  // What is worked out of them is seen by those below, and is no answer.
  const look = () => {
    const [form, seen] = [{}, {}];
    for (const part of parts) {
      const { field, node } = part;
      const of = reading(kind, seen);
      node.hidden = field.ask !== undefined && !holds(field.ask, of);
      const answer = node.hidden ? undefined : part.read(of);
      if (answer !== undefined) seen[field.name] = answer;
      if (answer !== undefined && !field.is) form[field.name] = answer;
      part.look?.();
    }
    headings.forEach(({ node, of }) => {
      node.hidden = of.every((part) => part.node.hidden);
    });
    return form;
  };
  return {
    look,
    nodes,
    get controls() {
      return new Map(parts.flatMap((part) => part.controls));
    },
    read: look,
    ready: () => Promise.all(parts.map((part) => part.ready?.())),
    write: (form) => {
      parts.forEach((part) => part.write(form?.[part.field.name]));
      look();
    },
  };
}

// outcome shows what is worked out of the answers above.
function outcome(field) {
  const output = make('output');
  const node = make('div.field', make('label', say(field.title), seal(field)), output);
  const read = (of) => {
    const comes = result(field, of);
    output.textContent = value(field, comes) || '–';
    return comes;
  };
  return { field, node, controls: [], read, write: () => {} };
}

function single(field, prefix) {
  const one = control(field, prefix + field.name);
  return {
    field,
    node: one.node,
    controls: [[one.path, one]],
    read: one.read,
    write: one.write,
    ready: one.ready,
  };
}

function within(field, kind, kinds, prefix) {
  const path = prefix + field.name;
  const ask = (own) => questions(kind, kinds, own, [kind.area.field, field.parent]);
  return field.type === 'links' ? repeated(field, kind, path, ask) : inner(field, path, ask);
}

function inner(field, path, ask) {
  const asked = ask(`${path}.`);
  const node = make(
    'fieldset.inner.wide',
    make('legend', say(field.title)),
    make('div.fields', asked.nodes),
  );
  const read = () => {
    const form = asked.read();
    return field.required || Object.keys(form).length ? form : undefined;
  };
  const { look, write, ready } = asked;
  return {
    field,
    node,
    get controls() {
      return [...asked.controls];
    },
    read,
    look,
    write,
    ready,
  };
}
