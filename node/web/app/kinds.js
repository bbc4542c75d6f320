// The kinds of records that the node knows.
import { ask } from './ask.js';
import { openedKind, recentKinds } from './draft.js';
import { make } from './draw.js';
import { chip } from './show.js';
import { say, t } from './words.js';

const pause = 2000; // before a node that is away is asked again
let known;

// kinds returns all kinds. It waits for the node, which is asked only once: kinds
// do not change while a node runs.
export async function kinds(signal) {
  while (!known && !signal.aborted) {
    known = await ask('/api/kinds').then(
      (answer) => answer.kinds,
      () => wait(pause),
    );
  }
  return known;
}

function wait(ms) {
  return new Promise((done) => {
    setTimeout(done, ms);
  });
}

// direct returns the kinds that a person fills in as such: those that are not
// part of another kind's form.
export function direct(all) {
  const inner = new Set(all.flatMap((k) => k.fields.filter((f) => f.inline).map((f) => f.to)));
  return all.filter((k) => !inner.has(k.name));
}

// newer returns the kinds that the node holds records of and has no form for.
// They can be read and not filled in.
export function newer({ status }) {
  return (status?.newer ?? []).map(stranger);
}

// stranger stands for a kind of a newer form.
export function stranger(name) {
  return { name, title: {}, fields: [], area: {}, newer: true };
}

const fewKinds = 8; // so many stand side by side

// first returns the kind of that name; without one the kind that was opened last, or
// what a grid worker fills in all day.
export function first(all, name) {
  const wanted = [name, ...recentKinds(), 'grid_visit'];
  return wanted.map((n) => all.find((k) => k.name === n)).find(Boolean) ?? all[0];
}

// choices shows kinds, each a way to its page: few of them side by side; of many those
// that were opened last, and all by the practice they belong to.
export function choices(all, chosen, page) {
  const way = (k) =>
    make(
      'a',
      { href: `#/${page}/${k.name}`, 'aria-current': k === chosen && 'true' },
      say(k.title, k.name),
      k.newer && chip(t('newer'), 'calm'),
    );
  if (all.length <= fewKinds) return make('nav.kinds', { 'aria-label': t('chooseForm') }, all.map(way));
  openedKind(chosen.name);
  const recent = recentKinds();
  const near = all.filter((k) => k === chosen || k.newer || recent.includes(k.name));
  const systems = [...new Set(all.map((k) => say(k.system ?? {}, '')))];
  const system = (title) => [
    title && make('h3', title),
    make('div.kinds', all.filter((k) => say(k.system ?? {}, '') === title).map(way)),
  ];
  return make(
    'nav',
    { 'aria-label': t('chooseForm') },
    make('div.kinds', near.map(way)),
    make('details.systems', make('summary', `${t('allForms')} (${all.length})`), systems.map(system)),
  );
}

// reports returns all reports, by the names that the interface knows them by.
export function reports(all) {
  const of = (kind) =>
    (kind.reports ?? []).map((report) => ({ kind, report, name: `${kind.name}.${report.name}` }));
  return all.flatMap(of);
}
