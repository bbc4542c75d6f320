// The form page: choose a kind, fill it in, save it, and see how far it gets.
import { make, replace, icon } from './draw.js';
import { address, ask, now } from './ask.js';
import { draft, forget, keep, keepArea, lastArea } from './draft.js';
import { questions } from './questions.js';
import { rank, track, wall } from './show.js';
import { account, follow } from './status.js';
import { announce } from './voice.js';
import { say, t } from './words.js';

// direct returns the kinds that a person fills in as such: those that are not
// part of another kind's form.
export function direct(kinds) {
  const inner = new Set(kinds.flatMap((k) => k.fields.filter((f) => f.inline).map((f) => f.to)));
  return kinds.filter((k) => !inner.has(k.name));
}

// choices shows the kinds side by side, each a way to its page.
export function choices(kinds, chosen, page) {
  return make('nav', { class: 'kinds', 'aria-label': t('chooseForm') }, kinds.map((k) =>
    make('a', { href: `#/${page}/${k.name}`, 'aria-current': k === chosen && 'true' }, say(k.title))));
}

// openForm shows the form of a kind.
export function openForm(main, kinds, name, signal) {
  const offered = direct(kinds);
  const kind = offered.find((k) => k.name === name) ?? offered[0];
  const after = make('div', { class: 'after' });
  const sheet = make('div', {});
  replace(main, make('h1', { class: 'unseen', tabindex: '-1' }, t('fill')), choices(offered, kind, 'fill'), after, sheet);
  const fresh = () => replace(sheet, form(kind, kinds, (saved) => {
    replace(after, receipt(saved, signal));
    fresh();
    after.scrollIntoView({ block: 'nearest' });
  }));
  fresh();
}

// beginning returns what a new form starts with: what can be known already.
function beginning(kind) {
  const held = account.status?.spaces?.find((s) => s.held && /^\d{12}\//.test(s.space))?.space.slice(0, 12);
  const start = { [kind.area.field]: lastArea(kind) ?? held };
  if (kind.fields.some((f) => f.name === kind.when && f.type === 'instant')) start[kind.when] = wall(now());
  return start;
}

function form(kind, kinds, saved) {
  const asked = questions(kind, kinds);
  const kept = draft(kind);
  asked.write(kept.form ?? beginning(kind));
  const summary = make('div', { class: 'summary', role: 'alert', hidden: true, tabindex: '-1' });
  const button = make('button', { type: 'submit', class: 'main' }, icon('save'), make('span', {}, t('save')));
  const note = make('p', { class: 'hint' }, t(kept.form ? 'draftKept' : 'draftHere'));
  const remember = () => keep(kind, { id: kept.id, form: asked.read() });
  const clear = () => {
    forget(kind);
    const next = form(kind, kinds, saved);
    node.replaceWith(next);
    next.querySelector('input, select, textarea').focus();
  };
  const send = async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    remember();
    button.disabled = true;
    button.lastChild.textContent = t('saving');
    try {
      const answer = await ask(`/api/records?kind=${kind.name}`, { method: 'POST', body: { id: kept.id, ...asked.read() } });
      keepArea(kind, asked.read()[kind.area.field]);
      forget(kind);
      saved({ kind, name: answer.records.at(-1) });
    } catch (trouble) {
      complain(summary, asked.controls, trouble);
    }
    button.disabled = false;
    button.lastChild.textContent = t('save');
  };
  const node = make('form', { class: 'sheet', novalidate: true, submit: send, input: remember, id: `form-${kind.name}` },
    make('div', { class: 'head' }, make('h2', {}, say(kind.title)), rank(kind.class)),
    summary,
    make('div', { class: 'fields' }, asked.nodes),
    make('div', { class: 'foot' }, button, make('button', { type: 'button', class: 'quiet', click: clear }, t('clear')), note));
  return node;
}

// complain shows each problem at its field, and all of them above the form.
function complain(summary, controls, trouble) {
  if (!trouble.text) throw trouble;
  controls.forEach((control) => control.complain(''));
  const lines = trouble.problems.map((p) => {
    const control = controls.get(p.field) ?? [...controls.values()].find((c) => c.path.startsWith(`${p.field}.`));
    control?.complain(say(p.text));
    const words = `${control ? say(control.field.title) : p.field}：${say(p.text)}`;
    return make('li', {}, control ? make('button', { type: 'button', class: 'text', click: control.focus }, words) : words);
  });
  summary.hidden = false;
  replace(summary, icon('alert'), make('div', {},
    make('strong', {}, lines.length ? t('toCorrect', { n: lines.length }) : t('notSaved')),
    lines.length ? make('ul', {}, lines) : make('p', {}, say(trouble.text))));
  summary.focus();
}

// receipt says that a record is saved, and goes on to say how far it has come.
function receipt({ kind, name }, signal) {
  const level = make('p', {}, track('saved'));
  announce(`${t('savedNow')} ${t('savedWhere')}`);
  const look = async () => {
    const record = await ask(`/api/records/${address(name)}`).catch(() => undefined);
    if (record) replace(level, track(record.level));
    if (record?.level === 'county') over.abort();
  };
  const over = new AbortController();
  follow(look, AbortSignal.any([signal, over.signal]));
  return make('section', { class: 'receipt' }, icon('check'), make('div', {},
    make('strong', {}, `${t('savedNow')} · ${say(kind.title)}`),
    make('p', {}, t('savedWhere')), level,
    make('a', { href: `#/record/${address(name)}` }, t('openRecord'))));
}
