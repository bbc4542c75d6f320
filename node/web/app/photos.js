// The means to answer with photos and files: they are sent as they are chosen,
// one after the other, and the form keeps what the node called them.
import { attach, tile } from './attach.js';
import { button, make, replace, icon } from './draw.js';
import { words } from './voice.js';
import { t } from './words.js';

// photos asks for files. Read gives those that are at the node, and the bare
// name of one that is not, of which the node complains; ready waits for those on
// their way.
export function photos(field, id) {
  let items = [];
  let line = Promise.resolve();
  const input = chooser(field, id, (files) => files.forEach(add));
  const list = make('ul.gallery');
  const more = make('label.tap.more', { for: id }, icon(field.type), t(offer(field)));
  const draw = () => {
    replace(list, items.map(item));
    more.hidden = items.length >= field.files.count;
  };
  const changed = () => {
    draw();
    if (input.isConnected) input.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const add = (file) => {
    if (items.length >= field.files.count) return;
    const one = { name: file.name, file };
    items.push(one);
    queue(one);
  };
  const queue = (one) => {
    one.trouble = '';
    line = line.then(() => send(one, items)).then(() => {
      if (double(one, items)) drop(one);
      else changed();
    });
    changed();
  };
  const drop = (one) => {
    items = items.filter((i) => i !== one);
    changed();
  };
  const item = (one) =>
    make(
      'li',
      one.ref ? tile(one.ref) : waiting(one, () => queue(one)),
      button('.drop', 'close', '', () => drop(one), { 'aria-label': `${t('remove')} ${one.name}` }),
    );
  const write = (values) => {
    items = (values ?? []).map((v) => (v.root ? { name: v.media, ref: v } : lost(v)));
    draw();
  };
  draw();
  return {
    group: true,
    body: make('div.photos', list, input, more),
    input,
    read: () => (items.length ? items.map((i) => i.ref ?? i.name) : undefined),
    write,
    ready: () => line,
  };
}

// offer is the word by which more is added.
export const offer = (field) => (field.type === 'photo' ? 'addPhotos' : 'addFiles');

// chooser is the browser's own means to choose files; on a phone also its camera.
export function chooser(field, id, chosen) {
  const input = make('input.unseen', {
    id,
    type: 'file',
    multiple: true,
    accept: field.files.media.join(','),
  });
  input.addEventListener('change', () => {
    chosen([...input.files]);
    input.value = ''; // the same photo may be chosen again
  });
  return input;
}

// lost is a file of which a draft kept no more than the name: the page was left
// before it was sent.
const lost = (name) => ({ name: String(name), trouble: t('notSent') });

// double reports whether the same photo was chosen twice.
function double(one, items) {
  return items.some((i) => i !== one && i.ref && i.ref.root === one.ref?.root);
}

async function send(one, items) {
  if (!items.includes(one)) return; // taken away before its turn
  try {
    one.ref = await attach(one.file);
  } catch (trouble) {
    if (!trouble.text) throw trouble;
    one.trouble = words(trouble);
  }
}

// waiting shows a file that is not at the node: on its way, or why not.
function waiting(one, again) {
  if (!one.trouble) return make('span.tile.going', icon('up'), make('span', t('underWay')));
  const retry = one.file && button('.small', '', t('again'), again);
  return make('span.tile.failed', icon('alert'), make('span', one.trouble), retry);
}
