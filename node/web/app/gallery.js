// The photos and files of a record: they are seen, added and taken away one by
// one, and what two people add apart is all there.
import { attach, sketch, tile } from './attach.js';
import { button, make, icon } from './draw.js';
import { chooser, offer } from './photos.js';
import { byline } from './show.js';
import { attempt } from './voice.js';
import { say, t } from './words.js';

// gallery shows a field of attachments and what can be changed in it.
export function gallery(field, { write, county }) {
  const title = say(field.title, field.name);
  const change = (edit) => write({ field: field.name, ...edit }, t('changed', { title }));
  const inTurn = field.versions.toReversed(); // the first that was added first
  const items = inTurn.map(({ value }, i) => {
    const drop = () => confirm(t('removeSure')) && change({ remove: value });
    const label = { id: `drop-${field.name}-${i}`, 'aria-label': `${t('remove')} ${i + 1}` };
    return make('li', county ? sketch(value) : tile(value), write && field.of && button('.drop', 'close', '', drop, label));
  });
  const latest = field.versions.toSorted((a, b) => b.at - a.at)[0];
  return [
    items.length > 0 && make('ul.gallery', items),
    write && field.of && adding(field, change),
    !items.length && !(write && field.of) && make('span.quiet', t('empty')),
    latest && byline(latest),
  ];
}

// adding sends files, and puts them into the record once they are there. Meanwhile
// the record does not change under the person.
function adding({ name, of }, change) {
  const id = `add-${name}`;
  const said = make('span', t(offer(of)));
  const body = make('div.photos');
  const send = async (files) => {
    body.dataset.open = '';
    said.textContent = t('underWay');
    const sent = [];
    for (const file of files) await attempt(async () => sent.push(await attach(file)));
    for (const add of sent) await change({ add });
    body.removeAttribute('data-open');
    said.textContent = t(offer(of));
  };
  body.append(chooser(of, id, send), make('label.tap.more', { for: id }, icon(of.type), said));
  return body;
}
