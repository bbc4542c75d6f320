// The records that this one is the same as: said by pasting the other's address,
// and taken back with one tap.
import { address } from './ask.js';
import { button, make, replace, icon } from './draw.js';
import { announce } from './voice.js';
import { t } from './words.js';

// same shows them above a record.
export function same({ record, write }) {
  if (!record.same) return false;
  return make(
    'section.conflict',
    { id: 'same' },
    make('h2', icon('link'), t('sameTitle')),
    make('p', t('sameWhy')),
    record.same.map((other) => line(other, write)),
  );
}

function line(other, write) {
  const { kind, space, id } = other;
  const apart = () => write({ apart: { kind, space, id } }, t('apartNow'));
  return make(
    'p.foot',
    make('a', { href: `#/record/${address(other)}` }, `${t('sameAs')} ${id.slice(0, 8)}`),
    !other.agreed && make('span.quiet', t('sameUnheard')),
    write && button('.quiet', 'close', t('apart'), apart, { id: `apart-${id}` }),
  );
}

// sayingSame is the button below a living record, and the question that it asks.
export function sayingSame({ record, write }) {
  if (record.fate !== 'alive') return false;
  const node = make('p.foot');
  const close = () => replace(node, button('.quiet', 'link', t('saySame'), open, { id: 'same-as' }));
  const open = () => {
    const asked = make('input', { id: 'same-address', 'aria-label': t('sameAddress'), placeholder: t('sameAddress') });
    const save = (event) => {
      event.preventDefault();
      const other = named(asked.value);
      if (other) write({ same: other }, t('sameNow'));
      else announce(t('sameUnread'));
    };
    const foot = make('span', make('button.main', t('save')), button('.quiet', '', t('cancel'), close));
    replace(node, make('form', { novalidate: true, submit: save }, asked, foot));
    asked.focus();
  };
  close();
  return node;
}

// named reads the address of a record's page.
function named(text) {
  const [, kind, area, ranked, id] =
    text.trim().match(/#\/record\/([a-z0-9_]+)\/([0-9]+)\/([a-z]+)\/([0-9a-f]{32})$/) ?? [];
  return kind && { kind, space: `${area}/${ranked}`, id };
}
