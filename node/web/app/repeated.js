// A list of forms within a form: each is a record of its own.
import { button, make } from './draw.js';
import { mint } from './draft.js';
import { say, t } from './words.js';

const formsMax = 50; // the node takes no more

// repeated asks for any number of forms of a kind; ask makes the questions of one.
export function repeated(field, kind, path, ask) {
  const list = make('div.repeats');
  let forms = [];
  let next = 0;
  const changed = () => {
    more.hidden = forms.length >= formsMax;
    list.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const add = (given = {}) => {
    const own = `${path}.${next}.`;
    next += 1;
    const asked = ask(own);
    const drop = () => {
      forms = forms.filter((f) => f !== form);
      form.node.remove();
      changed();
    };
    const label = { 'aria-label': `${t('remove')} ${say(kind.title)}` };
    const node = make(
      'fieldset.inner',
      make('legend', say(kind.title)),
      make('div.fields', asked.nodes),
      button('.quiet.small', 'close', t('remove'), drop, label),
    );
    const form = { own, asked, node, id: given.id ?? mint() };
    asked.write(given);
    forms.push(form);
    list.append(node);
    return form;
  };
  const fresh = () => {
    const { node } = add();
    changed();
    node.querySelector('input, select, textarea').focus();
  };
  const more = button('.quiet', 'plus', `${t('add')} ${say(kind.title)}`, fresh, { id: `more-${path}` });
  return {
    field,
    node: make('fieldset.repeated.wide', make('legend', say(field.title)), list, more),
    // The node names a form by its place.
    get controls() {
      const placed = ({ own, asked }, i) =>
        [...asked.controls].map(([at, control]) => [`${path}.${i}.${at.slice(own.length)}`, control]);
      return forms.flatMap(placed);
    },
    read: () => {
      const read = ({ id, asked }) => (kind.identity ? asked.read() : { id, ...asked.read() });
      return forms.length ? forms.map(read) : undefined;
    },
    write: (given) => {
      forms.forEach(({ node }) => node.remove());
      forms = [];
      given?.forEach(add);
    },
    ready: () => Promise.all(forms.map(({ asked }) => asked.ready())),
  };
}
