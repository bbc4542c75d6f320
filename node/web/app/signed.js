// Who writes in the county's name, and why.
import { make } from './draw.js';
import { t } from './words.js';

let last = ''; // who wrote before, as long as the page is open

// signature asks for both; the reason may be left out where it is not needed.
export function signature(id, reasoned) {
  const by = make('input', { id: `${id}-by`, maxlength: 40, autocomplete: 'name', required: true });
  by.value = last;
  const reason = make('input', { id: `${id}-reason`, maxlength: 200, required: true });
  const node = make('div.signed', make('label', t('signedBy'), by), reasoned && make('label', t('signedWhy'), reason));
  const read = () => {
    last = by.value.trim();
    return reasoned ? { by: last, reason: reason.value.trim() } : { by: last };
  };
  return { node, read };
}
