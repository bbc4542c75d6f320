// Drafts keep what was typed until it is saved.

// What concerns persons is kept only as long as the browser is open: a shared
// tablet must not hand one worker's notes to the next.
function shelf(kind) {
  return kind.class === 'open' ? localStorage : sessionStorage;
}

const key = (kind) => `wangge.draft.${kind.name}`;

// mint returns a new record's id. It is minted before the first attempt to save,
// so that a form which is sent twice, because the answer got lost, is one record.
export function mint() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((b) => b.toString(16).padStart(2, '0'))
    .join('');
}

// draft returns what is kept of a kind's form: its id, and the form if anything
// was typed.
export function draft(kind) {
  try {
    const kept = JSON.parse(shelf(kind).getItem(key(kind)));
    if (kept?.id) return kept;
  } catch {
    // What cannot be read is no draft.
  }
  return { id: mint() };
}

// keep keeps a draft, and forget forgets it.
export function keep(kind, { id, form }) {
  shelf(kind).setItem(key(kind), JSON.stringify({ id, form }));
}

export function forget(kind) {
  shelf(kind).removeItem(key(kind));
}

// A text that stands already is written in what its page showed. What is typed
// is kept with the versions that were seen, so that it can be taken up later and
// still takes nothing from what others wrote meanwhile.
const textKey = (kind, { id }, field) => `wangge.text.${kind.name}.${id}.${field.name}`;

// textDraft returns what was typed into a record's text and what it was typed
// into, { text, saw }, or undefined.
export function textDraft(kind, name, field) {
  try {
    const kept = JSON.parse(shelf(kind).getItem(textKey(kind, name, field)));
    if (Array.isArray(kept?.saw)) return kept;
  } catch {
    // What cannot be read is no draft.
  }
  return undefined;
}

// keepText keeps such a draft, and forgetText forgets it.
export function keepText(kind, name, field, { text, saw }) {
  shelf(kind).setItem(textKey(kind, name, field), JSON.stringify({ text, saw }));
}

export function forgetText(kind, name, field) {
  shelf(kind).removeItem(textKey(kind, name, field));
}

// The forms that were opened last are likely those that are wanted next.
const recentMax = 6;

export function recentKinds() {
  return (localStorage.getItem('wangge.kinds') ?? '').split(' ').filter(Boolean);
}

export function openedKind(name) {
  const names = [name, ...recentKinds().filter((other) => other !== name)];
  localStorage.setItem('wangge.kinds', names.slice(0, recentMax).join(' '));
}

// The area of the last form that was saved is likely that of the next one too.
export function lastArea(kind) {
  return localStorage.getItem(`wangge.area.${kind.name}`);
}

export function keepArea(kind, area) {
  if (area) localStorage.setItem(`wangge.area.${kind.name}`, area);
}
