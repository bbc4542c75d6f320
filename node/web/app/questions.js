// Questions are a kind's controls together: a form, with the forms within it.
import { make } from './draw.js';
import { control } from './control.js';
import { holds, reading } from './formula.js';
import { say } from './words.js';

// questions returns the nodes of a kind's controls, all controls by the path
// that the node uses in its complaints, and read, write and ready for the whole. An
// inline form is not asked for its own area: it has that of the form around it.
export function questions(kind, kinds, prefix = '', skip = '') {
  const parts = kind.fields
    .filter((field) => field.name !== skip)
    .map((field) => {
      const linked = field.inline && kinds.find((k) => k.name === field.to);
      return linked ? inner(field, linked, kinds, prefix) : single(field, prefix);
    });
  // look shows the questions that are asked after what is answered before them.
  const look = () => {
    const form = {};
    for (const part of parts) {
      const { field, node } = part;
      node.hidden = Boolean(field.ask) && !holds(field.ask, reading(kind, form));
      const value = node.hidden ? undefined : part.read();
      if (value !== undefined) form[field.name] = value;
      part.look?.();
    }
    return form;
  };
  return {
    look,
    nodes: parts.map((part) => part.node),
    controls: new Map(parts.flatMap((part) => part.controls)),
    read: look,
    ready: () => Promise.all(parts.map((part) => part.ready?.())),
    write: (form) => {
      parts.forEach((part) => part.write(form?.[part.field.name]));
      look();
    },
  };
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

function inner(field, kind, kinds, prefix) {
  const path = prefix + field.name;
  const asked = questions(kind, kinds, `${path}.`, kind.area.field);
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
  return { field, node, controls: [...asked.controls], read, look, write, ready };
}
