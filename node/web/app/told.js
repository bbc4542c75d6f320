// What escalated: the list of the county's centre.
import { make, refresh, replace } from './draw.js';
import { areaInput } from './areas.js';
import { sections, tasks } from './due.js';
import { follow } from './status.js';
import { t } from './words.js';

const levels = ['county', 'township', 'community'];

// openTold shows what is told a level of an area, and keeps it up to date.
export function openTold(node, kinds, signal) {
  const list = make('div');
  const level = make(
    'select',
    { id: 'told-to', 'aria-label': t('toldTo') },
    levels.map((name, i) => make('option', { value: name }, t(`dueTo${[6, 9, 12][i]}`))),
  );
  let area = '';
  let pages = 1;
  const look = async () => {
    const due = await tasks({ state: 'escalated', to: level.value, area }, pages).catch(() => undefined);
    if (due && !signal.aborted) refresh(list, sections(due, kinds, false, () => turn(pages + 1)));
  };
  const turn = (n) => {
    pages = n;
    return look();
  };
  level.addEventListener('change', () => turn(1));
  const where = areaInput('told-area', '', (digits) => { area = digits; turn(1); }, { 'aria-label': t('areaPrefix') });
  replace(
    node,
    make('section.sheet.told', make('h2', t('told')), make('p.quiet', t('toldWhy')), make('div.which', level, where), list),
  );
  follow(look, signal);
}
