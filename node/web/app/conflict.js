// A conflict is one field that several people wrote without seeing each other:
// the versions stand side by side until a person settles it.
import { make, replace, icon } from './draw.js';
import { control } from './control.js';
import { moment, track, value } from './show.js';
import { say, t } from './words.js';

// conflict shows the versions and the ways to settle. Whatever is chosen names
// all the versions that were shown, and only those.
export function conflict(field, write) {
  const title = say(field.title, field.name);
  const saw = field.versions.flatMap((v) => v.saw);
  const settle = (set) => write({ field: field.name, set, saw }, t('settled', { title }));
  const id = `conflict-${field.name}`;
  return make('section', { class: 'conflict', 'aria-labelledby': id },
    make('h2', { id }, icon('alert'), t('conflictTitle', { title, n: field.versions.length })),
    make('p', {}, t('conflictWhy')),
    make('div', { class: 'versions' }, field.versions.map((v, i) => card(field, v, i, settle)), field.of && own(field, settle)));
}

function card(field, version, i, settle) {
  const text = say(version.label) || value(field.of, version.value);
  return make('article', { class: 'version' },
    make('p', { class: 'value' }, text),
    make('p', { class: 'byline' }, make('strong', {}, version.device), make('span', {}, moment(version.at)), track(version.level)),
    make('button', { type: 'button', id: `keep-${field.name}-${i}`, 'aria-label': `${t('keepThis')} ${text}`,
      click: () => settle(version.value) }, icon('check'), t('keepThis')));
}

// own asks for a value that is none of those.
function own(field, settle) {
  const node = make('article', { class: 'version own' });
  const open = () => {
    const asked = control(field.of, `own.${field.name}`);
    const save = (event) => {
      event.preventDefault();
      settle(asked.read() ?? '');
    };
    replace(node, make('form', { novalidate: true, submit: save }, asked.node,
      make('div', { class: 'foot' }, make('button', { class: 'main' }, t('save')),
        make('button', { type: 'button', class: 'quiet', click: close }, t('cancel')))));
    asked.focus();
  };
  const close = () => replace(node, make('button', { type: 'button', class: 'quiet', id: `own-${field.name}`, click: open }, icon('pen'), t('writeNew')));
  close();
  return node;
}
