// What may make figures wrong, and what to do about each: troubles, boxes that are silent,
// clocks that are off, and what was not taken.
import { button, make, refresh, replace, icon } from './draw.js';
import { ask, now } from './ask.js';
import { boxes as sheet } from './boxes.js';
import { doubts } from './doubts.js';
import { ago } from './show.js';
import { follow } from './status.js';
import { dealt, troubles } from './trouble.js';
import { attempt } from './voice.js';
import { t } from './words.js';

const hourLong = 3600e3; // as the node counts a box late
const clockFar = 600; // seconds

export const silent = (boxes) => boxes.filter((b) => !b.complete || now() - Date.parse(b.complete) > hourLong);
export const clockWrong = (boxes) => boxes.filter((b) => Math.abs(b.skew_s ?? 0) >= clockFar);
export const grave = ({ troubles: all = [] }) => all.filter((one) => one.grave);

// openQuality shows it, and keeps it up to date.
export function openQuality(main, kinds, signal) {
  const body = make('div.cards');
  replace(main, make('h1', { tabindex: '-1' }, t('quality')), make('p.hint', t('qualityWhy')), records(kinds), body);
  follow(({ status }) => {
    if (status && !body.querySelector('form')) refresh(body, sheets(status));
  }, signal);
}

// records shows what the node knows to be doubtful, at once and again when somebody wants it.
function records(kinds) {
  const found = make('div', { role: 'status' });
  const look = async () => {
    start.disabled = true;
    replace(found, make('p.hint', t('loading')));
    const done = await attempt(async () => replace(found, doubts(await ask('/api/quality'), kinds, look)));
    if (!done) replace(found);
    start.disabled = false;
  };
  const start = button('', 'list', t('lookThrough'), look, { id: 'look-through' });
  look();
  return make('section.sheet.doubts', make('div.head', make('h2', t('doubtsTitle')), start), make('p.hint', t('doubtsWhy')), found);
}

function sheets(status) {
  const boxes = (status.peers ?? []).filter((p) => p.role === 'box');
  const refused = boxes.filter((b) => b.refused > 0);
  return [
    troubles(status.troubles) ?? make('section.sheet.troubles', make('p', icon('check'), ' ', t('noTroubles'))),
    part('late', silent(boxes), (b) => t('lateBy', { name: b.name, ago: ago(b.complete) })),
    part('clock', clockWrong(boxes), (b) => t('clockBy', { name: b.name, n: Math.round(b.skew_s / 60) })),
    part('refused', refused, (b) => t('refusedBy', { name: b.name, n: b.refused })),
    dealt(status.dealt),
    sheet(boxes),
  ];
}

const words = {
  late: ['lateTitle', 'lateDo'],
  clock: ['clockTitle', 'clockDo'],
  refused: ['refusedTitle', 'refusedDo'],
};

// part lists the machines of which something is so, and what to do; or is nothing.
function part(name, some, say) {
  const [title, todo] = words[name];
  if (!some.length) return undefined;
  return make(
    `section.sheet.${name}-part`,
    make('h2', icon('alert'), t(title, { n: some.length })),
    make('ul', some.map((one) => make('li', say(one)))),
    make('p.todo', t(todo)),
  );
}
