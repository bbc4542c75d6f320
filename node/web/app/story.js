// How a record became what it is: who saved what when, the latest first.
import { make, refresh } from './draw.js';
import { area, isPlace } from './areas.js';
import { address, ask } from './ask.js';
import { byline, chip, moment, value } from './show.js';
import { words } from './voice.js';
import { say, t } from './words.js';

const acts = {
  set: 'actSet', clear: 'actClear', settle: 'actSettle', add: 'actAdd', remove: 'actRemove', note: 'actNote', step: 'actStep',
  plus: 'actPlus', spend: 'actSpend', text: 'actText', delete: 'actDelete', restore: 'actRestore', same: 'actSame', apart: 'actApart',
};

// openStory returns a section that tells it once somebody opens it, and look, which tells it
// anew. It costs the node a look through a log, so it is not asked for unseen.
export function openStory(kind, name, signal) {
  const told = make('div');
  const look = async () => {
    if (!node.open) return;
    const { saves, more = 0 } = await ask(`/api/records/${address(name)}/history`);
    if (signal.aborted) return;
    refresh(
      told,
      make('p.hint', t(saves.length ? 'storyWhy' : 'storyNone')),
      make('ol', saves.map((one) => make('li', save(kind, one)))),
      more > 0 && make('p.hint', t('storyMore', { n: more })),
    );
  };
  const tell = () => look().catch((trouble) => refresh(told, make('p.nothing', words(trouble))));
  const node = make('details.sheet.story', { toggle: tell }, make('summary', t('story')), told);
  return { node, look: tell };
}

function save(kind, one) {
  const whole = one.changes.filter((c) => !c.field).map((c) => make('p', make('strong', t(acts[c.act]))));
  const fields = one.changes.filter((c) => c.field);
  return [byline(one), whole, fields.length > 0 && make('dl', fields.map((c) => [make('dt', say(c.title, c.field)), make('dd', change(kind, c))]))];
}

// change says what was done to a field. That something was filled in goes without saying.
function change(kind, { field, act, value: given, label, stands }) {
  const of = kind.fields.find((f) => f.name === field);
  return [
    act !== 'set' && make('span.quiet', `${t(acts[act])} `),
    given !== undefined && reading(of, given, label),
    stands && (act === 'set' || act === 'settle') && chip(t('stands'), 'good'),
  ];
}

function reading(of, given, label) {
  if (given.step) return [say(label, given.step), given.note && ` · ${given.note}`, ' ', make('span.quiet', moment(given.at))];
  if (isPlace(of)) return area(given);
  return say(label) || value(of, given) || String(given);
}
