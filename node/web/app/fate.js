// What became of a record: deleted, or deleted by somebody who had not seen all
// of it; and the buttons that delete it and take that back.
import { button, make, icon } from './draw.js';
import { chip } from './show.js';
import { t } from './words.js';

// fateChip says it in one word, for lists.
export function fateChip(item) {
  if (item.fate === 'dead') return chip(t('deleted'), 'calm');
  return item.fate === 'disputed' && chip(t('disputed'), 'wait', 'alert');
}

// fate shows it above a record, with what can be done.
export function fate({ record, write }) {
  const restore = () => write({ restore: true }, t('restored'));
  const disputed = record.fate === 'disputed';
  if (!disputed && record.fate !== 'dead') return false;
  return make(
    'section.conflict',
    make('h2', icon('alert'), t(disputed ? 'disputedTitle' : 'deletedTitle')),
    make('p', t(disputed ? 'disputedWhy' : 'deletedWhy')),
    write && make(
      'div.foot',
      button('', 'check', t(disputed ? 'keepRecord' : 'restoreRecord'), restore, { id: 'restore' }),
      disputed && remove(write),
    ),
  );
}

// farewell is the button below a living record.
export function farewell({ record, write }) {
  return record.fate === 'alive' && make('p.foot', remove(write));
}

function remove(write) {
  const act = () => confirm(t('deleteSure')) && write({ delete: true }, t('deletedNow'));
  return button('.quiet', 'close', t('deleteRecord'), act, { id: 'delete' });
}
