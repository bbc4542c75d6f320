// A log is only added to: what was noted stays noted, with who noted it and when.
import { button, make } from './draw.js';
import { forgetText, keepText, textDraft } from './draft.js';
import { byline, reading } from './show.js';
import { say, t } from './words.js';

// log shows the entries, the earliest first, and the place for the next one. What
// is typed there is kept until it is noted.
export function log(field, { kind, name, write }) {
  const title = say(field.title, field.name);
  const entries = field.versions.map((version) =>
    make('li', make('span.prose', reading(field, version)), byline(version)),
  );
  const shown = entries.length > 0 && make('ol.log', entries);
  if (!field.of || !write) return shown || make('span.quiet', t('empty'));
  const box = make('textarea', {
    id: `append-${field.name}`,
    rows: 2,
    'aria-label': t('noteIn', { title }),
    placeholder: t('noteIn', { title }),
  });
  box.value = textDraft(kind, name, field)?.text ?? '';
  const node = make('div.append', box, button('', 'plus', t('note'), add, { id: `note-${field.name}` }));
  // While something is typed the record does not change under it.
  const hold = () => node.toggleAttribute('data-open', box.value !== '');
  box.addEventListener('input', () => {
    keepText(kind, name, field, { text: box.value, saw: [] });
    hold();
  });
  hold();
  function add() {
    const noted = () => forgetText(kind, name, field);
    if (!box.value.trim()) box.focus();
    else write({ field: field.name, append: box.value.toWellFormed() }, t('noted', { title }), noted);
  }
  return [shown, node];
}
