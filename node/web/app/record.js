// One record in full: what it says, who wrote it, and how far it came.
import { make, replace, icon } from './draw.js';
import { area } from './areas.js';
import { address, ask } from './ask.js';
import { conflict } from './conflict.js';
import { fact } from './fact.js';
import { farewell, fate } from './fate.js';
import { stranger } from './kinds.js';
import { namedBy } from './links.js';
import { same, sayingSame } from './same.js';
import { chip, mono, rank, track } from './show.js';
import { follow } from './status.js';
import { openStory } from './story.js';
import { announce, attempt, words } from './voice.js';
import { english, say, t } from './words.js';

// openRecord shows a record and follows its changes, but never while the person
// is changing it: what they saw must stay what they see. It settles when the record is
// there to be read. At the county, which changes nothing, back is where the reader came from.
export function openRecord(main, kinds, name, signal, back) {
  const kind = kinds.find((k) => k.name === name.kind) ?? stranger(name.kind);
  const county = Boolean(back);
  const body = make('div');
  const past = county ? openStory(kind, name, signal) : undefined;
  const away = make('a.back', { href: back ?? `#/records/${kind.name}` }, icon('back'), t(county ? 'goBack' : 'back'));
  replace(main, make('p', away), body, past?.node);
  const merged = new Set(); // the texts that held others' words too when they were saved here
  let last = '';
  const look = async (forced, told = () => {}) => {
    if (!forced && body.querySelector('form, [data-open]')) return;
    try {
      const record = await ask(`/api/records/${address(name)}`);
      const read = JSON.stringify(record);
      if (signal.aborted || (read === last && !forced)) return;
      last = read;
      told(record);
      replace(body, sheet({ kind, kinds, name, record, merged, county, write: kind.decide || county ? undefined : write }));
      past?.look();
    } catch (trouble) {
      if (signal.aborted || trouble.away) return;
      past?.node.remove();
      replace(body, make('h1.unseen', { tabindex: '-1' }, say(kind.title, kind.name)), make('p.nothing', words(trouble) || t('gone')));
    }
  };
  // write makes an edit, or several together, says so, and shows the record as it then is, after
  // told has seen that record.
  const write = (edit, said, told) =>
    attempt(async () => {
      await ask(`/api/records/${address(name)}`, { method: 'PATCH', body: { edits: [edit].flat() } });
      announce(said);
      await look(true, told);
    });
  const here = look(false);
  follow(() => look(false), signal);
  return here;
}

// aside says in a few lines what the county has nothing to show of.
function aside(kind, blank) {
  const names = (fields) => fields.map((f) => say(f.title)).join(english() ? ', ' : '、');
  const sealed = kind.fields.filter((f) => f.sealed);
  return make(
    'div.hint.aside',
    blank.length > 0 && make('p', t('blankHere', { names: names(blank) })),
    sealed.length > 0 && make('p', t('sealedHere', { names: names(sealed) })),
    make('p', t('maskedHere')),
  );
}

// sheet shows first what must be settled, then the fields in the form's order,
// filled in or not, and at the end those of a newer form.
function sheet(shown) {
  const { kind, name, record } = shown;
  const [digits, ranked] = name.space.split('/');
  const filled = record.fields.map((f) => ({
    ...f,
    of: kind.fields.find((k) => k.name === f.name),
  }));
  const here = new Set(filled.map((f) => f.name));
  const blank = kind.fields
    .filter((of) => !here.has(of.name) && !(shown.county && of.sealed))
    .map((of) => ({ name: of.name, title: of.title, merge: of.merge, versions: [], of }));
  const place = (field) => (field.of ? kind.fields.indexOf(field.of) : Infinity);
  const facts = [...filled.filter((f) => !f.conflict), ...(shown.county ? [] : blank)].sort(
    (a, b) => place(a) - place(b) || 0,
  );
  return [
    make(
      'div.head',
      make('h1', { tabindex: '-1' }, say(kind.title, kind.name)),
      rank(ranked),
      kind.newer && chip(t('newer'), 'calm'),
      track(record.level, record.owed),
    ),
    make('p.quiet.small', area(digits), ` · ${t('number')} `, mono(name.id.slice(0, 8))),
    fate(shown),
    same(shown),
    filled.filter((f) => f.conflict).map((f) => conflict(f, shown.write)),
    make(
      'dl.sheet.facts',
      facts.map((f) => fact(f, shown)),
    ),
    shown.county && aside(kind, blank),
    namedBy(record),
    kind.decide && make('p.hint', t('countysOwn')),
    shown.write && [sayingSame(shown), farewell(shown)],
  ];
}
