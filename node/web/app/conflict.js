// A conflict is one field that several people wrote without seeing each other:
// the versions stand side by side until a person settles it.
import { button, make, replace, icon } from './draw.js';
import { control } from './control.js';
import { moment, reading, track } from './show.js';
import { say, t } from './words.js';

// conflict shows the versions and the ways to settle. Whatever is chosen names
// all the versions that were shown, and only those. Without write they are only shown.
export function conflict(field, write) {
  const title = say(field.title, field.name);
  const saw = field.versions.flatMap((v) => v.saw);
  const settle = (set) => write({ field: field.name, set, saw }, t('settled', { title }));
  const id = `conflict-${field.name}`;
  return make(
    'section.conflict',
    { 'aria-labelledby': id },
    make('h2', { id }, icon('alert'), t('conflictTitle', { title, n: field.versions.length })),
    make('p', t(write ? 'conflictWhy' : 'conflictCounty')),
    make(
      'div.versions',
      field.versions.map((v, i) => card(field, v, i, write && settle)),
      write && field.of && own(field, settle),
    ),
  );
}

function card(field, version, i, settle) {
  const text = reading(field, version);
  const label = { id: `keep-${field.name}-${i}`, 'aria-label': `${t('keepThis')} ${text}` };
  return make(
    'article.version',
    make('p.value', text),
    make(
      'p.byline',
      make('strong', version.device),
      make('span', moment(version.at)),
      track(version.level),
    ),
    settle && button('', 'check', t('keepThis'), () => settle(version.value), label),
  );
}

// own asks for a value that is none of those.
function own(field, settle) {
  const node = make('article.version.own');
  const open = () => {
    const asked = control(field.of, `own.${field.name}`);
    const save = (event) => {
      event.preventDefault();
      settle(asked.read() ?? '');
    };
    const foot = make(
      'div.foot',
      make('button.main', t('save')),
      button('.quiet', '', t('cancel'), close),
    );
    replace(node, make('form', { novalidate: true, submit: save }, asked.node, foot));
    asked.focus();
  };
  const close = () =>
    replace(node, button('.quiet', 'pen', t('writeNew'), open, { id: `own-${field.name}` }));
  close();
  return node;
}
