// Links from a record to others: a way to each, and the means to add one.
import { button, make } from './draw.js';
import { address } from './ask.js';
import { control } from './control.js';
import { mint } from './draft.js';
import { questions } from './questions.js';
import { byline, mono } from './show.js';
import { say, t } from './words.js';

// way leads to the record of a kind that a record in a space names, by what it is called where
// it is here; found says that what is not is no way.
export function way(to, id, space, links = [], found = false) {
  const named = links.find((one) => one.id === id);
  if (!named && found) return make('span', say(to.title), ' ', mono(String(id).slice(0, 8)));
  const there = named?.space ?? `${space.slice(0, to.area.level)}/${to.class}`;
  const href = `#/record/${address({ kind: to.name, space: there, id })}`;
  const words = named ? say(named.words) : [say(to.title), ' ', mono(String(id).slice(0, 8))];
  return make('a', { href, title: String(id).slice(0, 8) }, words);
}

// namedBy lists the records that name one, each by what it is called and the field in which it
// does; or is nothing.
export function namedBy({ named_by: all = [], named_more: more = 0 }) {
  if (!all.length) return false;
  const line = (one) => make('li', make('a', { href: `#/record/${address(one)}` }, say(one.words)), make('span.quiet.small', ` ${say(one.field)}`));
  return make(
    'section.sheet.named-by',
    make('h2', t('namedBy', { n: all.length + more })),
    make('ul', all.map(line)),
    more > 0 && make('p.hint', t('notListed', { n: more })),
  );
}

// links shows the records that a set names.
export function links(field, { kinds, name, record, write }, open) {
  const to = kinds.find((k) => k.name === field.of.to);
  const title = say(field.title);
  const line = ({ value }) => {
    const drop = () => write({ field: field.name, remove: value }, t('changed', { title }));
    const label = { 'aria-label': `${t('remove')} ${String(value).slice(0, 8)}` };
    return make('li', to ? way(to, value, name.space, record.links, !write) : String(value), write && button('', 'close', '', drop, label));
  };
  const latest = field.versions.toSorted((a, b) => b.at - a.at)[0];
  const add = { id: `add-${field.name}`, 'aria-label': t('addTo', { title }) };
  return [
    make('div.now', field.versions.length ? make('ul.elements', field.versions.map(line)) : make('span.quiet', t('empty')), write && to && button('.quiet.small', 'plus', t('add'), open, add)),
    latest && byline(latest),
  ];
}

// linkEditor asks for one more: a form of its own where the links are inline, else a
// record that is here.
export function linkEditor(field, { kinds, write }, close) {
  const { of, name } = field;
  const to = kinds.find((k) => k.name === of.to);
  const asked = of.inline
    ? questions(to, kinds, `edit.${name}.`, [to.area.field, of.parent])
    : single({ ...of, type: 'link', required: false });
  const id = to.identity ? {} : { id: mint() }; // what is sent twice is one record
  asked.write();
  const save = async (event) => {
    event.preventDefault();
    await asked.ready?.();
    const add = of.inline ? { ...id, ...asked.read() } : asked.read();
    if (add) write({ field: name, add }, t('changed', { title: say(field.title) }));
  };
  const leave = (event) => event.key === 'Escape' && close();
  return make(
    'form.editor',
    { novalidate: true, submit: save, keydown: leave, input: () => asked.look?.() },
    make('div.fields', asked.nodes),
    make('div.foot', make('button.main', t('save')), button('.quiet', '', t('cancel'), close)),
  );
}

function single(field) {
  const { node, read, write } = control(field, `edit.${field.name}`);
  return { nodes: [node], read, write };
}
