// A text that several people write at once. A page sends the whole of it as the
// person left it, and the versions that the person saw; the node finds what was
// changed, and weaves it into what others wrote meanwhile.
import { button, make } from './draw.js';
import { control } from './control.js';
import { forgetText, keepText, textDraft } from './draft.js';
import { announce } from './voice.js';
import { say, t } from './words.js';

// textEditor asks for a text. What is typed is kept with each key until it is
// saved or given up; Escape does neither, for input methods use it.
export function textEditor(field, { kind, name, merged, write }, close) {
  const title = say(field.title, field.name);
  const [version] = field.versions;
  const kept = textDraft(kind, name, field);
  const { text, saw } = kept ?? { text: version?.value ?? '', saw: version?.saw ?? [] };
  const asked = control(field.of, `edit.${field.name}`);
  const typed = () => (asked.read() ?? '').toWellFormed();
  asked.write(text);
  const remember = () => keepText(kind, name, field, { text: typed(), saw });
  const told = (record) => {
    forgetText(kind, name, field);
    const now = record.fields.find((f) => f.name === field.name)?.versions[0]?.value ?? '';
    const others = now !== left;
    if (others) announce(t('mergedWith', { title }));
    if (others) merged.add(field.name);
    else merged.delete(field.name);
  };
  let left;
  const save = (event) => {
    event.preventDefault();
    left = typed();
    write({ field: field.name, set: left, saw }, t('changed', { title }), told);
  };
  const giveUp = () => {
    forgetText(kind, name, field);
    close();
  };
  return make(
    'form.editor',
    { novalidate: true, submit: save, input: remember },
    asked.node,
    make('p.hint', t(kept ? 'draftKept' : 'textWoven')),
    make('div.foot', make('button.main', t('save')), button('.quiet', '', t('cancel'), giveUp)),
  );
}
