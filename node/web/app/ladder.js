// A case on its ladder: where it stands, the steps that led there, and the next one.
import { button, make } from './draw.js';
import { control } from './control.js';
import { next } from './rung.js';
import { byline, chip, moment } from './show.js';
import { both, say, t } from './words.js';

// ladder shows the steps in their order; one that does not follow from where the case
// stood is marked, and moved nothing.
export function ladder(field, { kind, write }, open) {
  const way = field.versions.map((version) => {
    const { note, at, standing } = version.value;
    return make(
      `li.${standing}`,
      make(
        'span.line',
        make('strong', say(version.label, version.value.step)),
        standing === 'astray' && chip(t('astray'), 'wait', 'alert'),
        make('span.quiet', moment(at)),
      ),
      note && make('span.prose', note),
      byline(version),
    );
  });
  const option = field.of.options.find((o) => o.value === field.stands);
  const more = next(field.of, field.stands).length > 0 || field.stands;
  const attributes = { id: `step-${field.name}`, 'aria-label': `${t('stepOn')} ${say(field.title)}` };
  return [
    make(
      'div.now',
      field.stands
        ? make('span.stands', chip(option ? say(option.title) : field.stands, option?.ends ? 'good' : 'move', option?.ends ? 'check' : ''))
        : make('span.quiet', t('empty')),
      write && more && !kind.newer && button('.small', 'plus', t('stepOn'), open, attributes),
    ),
    way.length > 0 && make('ol.log.way', way),
    field.versions.some((v) => v.value.standing === 'astray') && make('p.hint', t('astrayWhy')),
  ];
}

// stepEditor asks for the next step, and for what that asks and the record lacks.
export function stepEditor(field, { kind, record, write }, close) {
  const { of, stands } = field;
  const here = of.options.find((o) => o.value === stands);
  const again = here && { ...here, title: { zh: `${here.title.zh}（补记）`, en: `${here.title.en} (a further note)` } };
  const options = [...next(of, stands), again].filter(Boolean);
  const part = (name, title, rest) => control({ name, title: both(title), ...rest }, `step.${name}`);
  const rung = part('step', 'stepTo', { type: 'choice', required: true, options });
  const note = part('note', 'stepNote', { type: 'text', multiline: true });
  const at = part('at', 'stepAt', { type: 'instant', hint: both('stepAtHint') });
  const empty = (name) => {
    const versions = record.fields.find((f) => f.name === name)?.versions ?? [];
    return !versions.some((v) => v.value !== '');
  };
  const wanted = new Map(
    of.options
      .flatMap((o) => o.asks ?? [])
      .filter((name) => empty(name))
      .map((name) => [name, control(kind.fields.find((f) => f.name === name), `step.${name}`)]),
  );
  const asked = () => options.find((o) => o.value === rung.read())?.asks?.filter((n) => wanted.has(n)) ?? [];
  const look = () => wanted.forEach((one, name) => (one.node.hidden = !asked().includes(name)));
  const given = ([name, one]) => {
    const { merge } = kind.fields.find((f) => f.name === name);
    const value = one.read();
    if (value === undefined) return [];
    if (merge === 'log') return [{ field: name, append: value }];
    if (merge === 'register' || merge === 'text') return [{ field: name, set: value }];
    return [value].flat().map((add) => ({ field: name, add }));
  };
  const save = async (event) => {
    event.preventDefault();
    await Promise.all([...wanted.values()].map((one) => one.ready?.()));
    const answers = [...wanted].filter(([name]) => asked().includes(name)).flatMap(given);
    const append = { step: rung.read() ?? '', at: at.read(), note: note.read() };
    write([...answers, { field: field.name, append }], t('stepped', { title: say(field.title) }));
  };
  const leave = (event) => event.key === 'Escape' && close();
  look();
  return make(
    'form.editor.stepping',
    { novalidate: true, submit: save, keydown: leave, input: look },
    rung.node,
    [...wanted.values()].map((one) => one.node),
    note.node,
    at.node,
    make('div.foot', make('button.main', t('save')), button('.quiet', '', t('cancel'), close)),
  );
}
