// The kinds of records that the node knows.
import { ask } from './ask.js';
import { recentKinds } from './draft.js';

const pause = 2000; // before a node that is away is asked again
let all;

// kinds returns all kinds. It waits for the node, which is asked only once: kinds
// do not change while a node runs.
export async function kinds(signal) {
  while (!all && !signal.aborted) {
    all = await ask('/api/kinds').then(
      (answer) => answer.kinds,
      () => wait(pause),
    );
  }
  return all;
}

// known returns the kind of that name once kinds have been read.
export function known(name) {
  return all?.find((k) => k.name === name);
}

function wait(ms) {
  return new Promise((done) => {
    setTimeout(done, ms);
  });
}

// direct returns the kinds that a person at a box fills in as such: those that are not the
// one thing that another kind's form is about, nor the county's own.
export function direct(kinds) {
  const within = (k) => k.fields.filter((f) => f.inline && f.type === 'link').map((f) => f.to);
  const inner = new Set(kinds.flatMap(within));
  return kinds.filter((k) => !inner.has(k.name) && !k.decide);
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

// first returns the kind of that name; without one the kind that was opened last, or
// what a grid worker fills in all day.
export function first(kinds, name) {
  const wanted = [name, ...recentKinds(), 'grid_visit'];
  return wanted.map((n) => kinds.find((k) => k.name === n)).find(Boolean) ?? kinds[0];
}

// reports returns all reports, by the names that the interface knows them by.
export function reports(kinds) {
  const of = (kind) =>
    (kind.reports ?? []).map((report) => ({ kind, report, name: `${kind.name}.${report.name}` }));
  return kinds.flatMap(of);
}
