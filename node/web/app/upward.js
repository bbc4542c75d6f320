// What goes up of a closed month to the city: the files that there are, and the counting
// anew of what came late.
import { ask } from './ask.js';
import { button, icon, make, replace } from './draw.js';
import { moment } from './show.js';
import { hurry } from './status.js';
import { announce, attempt } from './voice.js';
import { t } from './words.js';

// goesUp lists the files of a closed month and lets it be restated; nothing where no file
// can be had.
export function goesUp({ month, statements = [] }) {
  if (!statements.length) return undefined;
  const file = ({ number, by, at }) =>
    make(
      'li',
      make('a', { href: `/api/months/${month}/publication?number=${number}`, download: '' }, t('publicationFile', { n: number })),
      ` · ${by} · ${moment(Date.parse(at))}`,
    );
  return make('section.upward', make('h3', t('goesUp')), make('p.hint', t('goesUpWhy')), make('ul', statements.map(file)), restating(month));
}

// restating is the button that counts what goes up anew, and what it asks first.
function restating(month) {
  const node = make('div.aside');
  const rest = () => replace(node, button('.quiet', 'list', t('restateMonth'), open, { id: 'month-restate' }));
  const open = () => {
    const by = make('input', { id: 'restate-by', maxlength: 40, autocomplete: 'name', required: true });
    const save = (event) => {
      event.preventDefault();
      return attempt(async () => {
        const { number } = await ask(`/api/months/${month}/publication`, { method: 'POST', body: { by: by.value } });
        announce(t('monthRestated', { month, n: number }));
        node.replaceChildren();
        hurry();
      });
    };
    const foot = make('p.foot', make('button.main', icon('check'), t('restateMonth')), button('.quiet', '', t('cancel'), rest));
    replace(node, make('form', { novalidate: true, submit: save }, make('label', t('restatedByWhom'), by), make('p.hint', t('restateWhy')), foot));
    by.focus();
  };
  rest();
  return node;
}
