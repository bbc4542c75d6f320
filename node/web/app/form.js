// The form page: choose a kind, fill it in, save it, and see how far it gets.
import { button, make, replace, icon } from './draw.js';
import { address, ask, now } from './ask.js';
import { draft, forget, keep, keepArea, lastArea } from './draft.js';
import { direct, first } from './kinds.js';
import { choices } from './menu.js';
import { questions } from './questions.js';
import { rank, track, wall } from './show.js';
import { account, follow, hurry } from './status.js';
import { say, t } from './words.js';

// openForm shows the form of a kind, and a new one whenever one is saved. What is known
// of the first, because it does a thing that is due, is filled in.
export function openForm(main, kinds, name, signal, given) {
  const offered = direct(kinds);
  const kind = first(offered, name);
  const after = make('div', { role: 'status' });
  const sheet = make('div');
  const title = make('h1.unseen', { tabindex: '-1' }, t('fill'));
  replace(main, title, choices(offered, kind, 'fill'), after, sheet);
  const saved = (record) => {
    replace(after, receipt(kind, record, signal), given && make('p', make('a.back', { href: '#/due' }, icon('back'), t('due'))));
    replace(sheet, form(kind, kinds, saved));
    scrollTo(0, 0);
  };
  replace(sheet, form(kind, kinds, saved, given));
}

// beginning returns what a new form starts with: what can be known already.
function beginning(kind) {
  const held = account.status?.spaces?.find((s) => s.held && /^\d{12}\//.test(s.space));
  const start = { [kind.area.field]: lastArea(kind) ?? held?.space.slice(0, 12) };
  const when = kind.fields.find((f) => f.name === kind.when);
  if (when?.type === 'instant') start[when.name] = wall(now());
  return start;
}

function form(kind, kinds, saved, given) {
  const asked = questions(kind, kinds);
  // A form about one thing has a draft of its own.
  const shelf = given ? { ...kind, name: `${kind.name}.${Object.values(given).join()}` } : kind;
  const { id, form: kept } = draft(shelf);
  asked.write(kept ?? { ...beginning(kind), ...given });
  const summary = make('div.summary', { role: 'alert', hidden: true, tabindex: '-1' });
  const save = make('button.main', icon('save'), t('save'));
  const remember = () => keep(shelf, { id, form: asked.read() }); // reading looks at what is asked
  const clear = () => {
    forget(shelf);
    const next = form(kind, kinds, saved, given);
    node.replaceWith(next);
    next.querySelector('input, select, textarea').focus();
  };
  const send = async (event) => {
    event.preventDefault();
    remember();
    save.disabled = true;
    try {
      await asked.ready(); // photos that are still on their way
      const body = { id, ...asked.read() };
      const { records } = await ask(`/api/records?kind=${kind.name}`, { method: 'POST', body });
      keepArea(kind, body[kind.area.field]);
      forget(shelf);
      saved(records.at(-1));
    } catch (trouble) {
      complain(summary, asked.controls, trouble);
    }
    save.disabled = false;
  };
  const node = make(
    'form.sheet',
    { novalidate: true, submit: send, input: remember, id: `form-${kind.name}` },
    make('div.head', make('h2', say(kind.title)), rank(kind.class)),
    summary,
    make('div.fields', asked.nodes),
    make(
      'div.foot',
      save,
      button('.quiet', '', t('clear'), clear),
      make('p.hint', t(kept ? 'draftKept' : 'draftHere')),
    ),
  );
  return node;
}

// complain shows each problem at its field, and all of them above the form.
function complain(summary, controls, trouble) {
  if (!trouble.text) throw trouble;
  controls.forEach((control) => control.complain(''));
  const line = ({ field, text }) => {
    const control = controls.get(field);
    control?.complain(say(text));
    const title = control ? say(control.field.title) : field;
    const words = t('problemAt', { title, text: say(text) });
    return make('li', control ? button('.text', '', words, control.focus) : words);
  };
  const n = trouble.problems.length;
  const heading = make('strong', n ? t('toCorrect', { n }) : t('notSaved'));
  const body = n ? make('ul', trouble.problems.map(line)) : make('p', say(trouble.text));
  replace(summary, icon('alert'), make('div', heading, body));
  summary.hidden = false;
  summary.focus();
}

// receipt says that a record is saved, and goes on to say how far it has come.
function receipt(kind, name, signal) {
  const level = make('p', track('saved'));
  const over = new AbortController();
  const look = async () => {
    const record = await ask(`/api/records/${address(name)}`).catch(() => undefined);
    if (record) replace(level, track(record.level, record.owed));
    if (record?.level === 'county' && !record.owed) over.abort();
  };
  follow(look, AbortSignal.any([signal, over.signal]));
  hurry();
  return make(
    'section.receipt',
    icon('check'),
    make(
      'div',
      make('strong', `${t('savedNow')} · ${say(kind.title)}`),
      make('p', t('savedWhere')),
      level,
      make('a', { href: `#/record/${address(name)}` }, t('openRecord')),
    ),
  );
}
