// Choosing records that are here, by what their lists show of them.
import { button, make, replace } from './draw.js';
import { ask } from './ask.js';
import { known } from './kinds.js';
import { called, mono } from './show.js';
import { t } from './words.js';

const lastMax = 200; // records looked through, the latest changed first
const foundMax = 8;

// pick asks for one record of the field's kind, or for many.
export function pick(field, id, many) {
  const chosen = new Map(); // what each is called, by its id
  let all;
  const held = make('ul.elements');
  const found = make('ul.found');
  const input = make('input', { id, type: 'search', placeholder: t('findRecord'), autocomplete: 'off' });
  const look = () => {
    const wanted = input.value.trim().toLowerCase();
    const fits = (all ?? []).filter((r) => r.words.toLowerCase().includes(wanted) && !chosen.has(r.id));
    const line = (r) => make('li', button('.quiet', '', r.words, () => take(r)));
    replace(found, fits.slice(0, foundMax).map(line));
    if (all && !fits.length) replace(found, make('li.quiet', t('noRecords')));
  };
  const open = async () => {
    all ??= await latest(field.to);
    look();
  };
  const draw = () => {
    const drop = (key) => () => {
      chosen.delete(key);
      change();
    };
    const line = ([key, words]) =>
      make('li', words || mono(key.slice(0, 8)), button('', 'close', '', drop(key), { 'aria-label': t('remove') }));
    replace(held, [...chosen].map(line));
  };
  const change = () => {
    draw();
    replace(found);
    input.value = '';
    held.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const take = (record) => {
    if (!many) chosen.clear();
    chosen.set(record.id, record.words);
    change();
  };
  input.addEventListener('focus', open);
  input.addEventListener('input', (event) => {
    event.stopPropagation(); // what is looked for is no answer yet
    look();
  });
  return {
    body: make('div.pick', held, input, found),
    input,
    // What is typed and chosen from no list may be a record's number.
    read: () => {
      const ids = [...chosen.keys(), input.value.trim()].filter(Boolean);
      return many ? (ids.length ? ids : undefined) : ids.at(-1);
    },
    write: (given) => {
      chosen.clear();
      const name = () => {
        [given ?? []].flat().forEach((key) => chosen.set(key, all?.find((r) => r.id === key)?.words));
        draw();
      };
      name();
      if (!chosen.size || all) return;
      latest(field.to).then((records) => {
        all = records;
        if ([given].flat().every((key) => chosen.has(key))) name(); // unless it was changed meanwhile
      });
    },
  };
}

// latest returns the records of a kind that changed last, and what they are called.
async function latest(name) {
  const kind = known(name);
  const { items } = await ask(`/api/records?kind=${name}&limit=${lastMax}`).catch(() => ({ items: [] }));
  return items.map((item) => {
    const { headline, words } = called(kind, item);
    return { id: item.id, words: [words, headline].filter(Boolean).join(' · ') || item.id.slice(0, 8) };
  });
}
