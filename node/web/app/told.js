// What escalated: the list of the county's centre.
import { make, refresh, replace } from './draw.js';
import { areaInput } from './areas.js';
import { ask } from './ask.js';
import { sections } from './due.js';
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
  const look = async () => {
    const query = new URLSearchParams({ state: 'escalated', to: level.value, area });
    const due = await ask(`/api/tasks?${query}`).catch(() => undefined);
    if (due && !signal.aborted) refresh(list, sections(due, kinds, false));
  };
  level.addEventListener('change', look);
  const where = areaInput('told-area', '', (digits) => { area = digits; look(); }, { 'aria-label': t('areaPrefix') });
  replace(
    node,
    make('section.sheet.told', make('h2', t('told')), make('p.quiet', t('toldWhy')), make('div.which', level, where), list),
  );
  follow(look, signal);
}
