// The list of a kind's records, the latest changed first.
import { fateChip } from './fate.js';
import { button, make, refresh, replace } from './draw.js';
import { area } from './areas.js';
import { address, ask } from './ask.js';
import { excel, exports, parquet } from './exports.js';
import { first, newer } from './kinds.js';
import { choices } from './menu.js';
import { called, chip, moment, track } from './show.js';
import { account, follow } from './status.js';
import { attempt } from './voice.js';
import { say, t } from './words.js';

const files = [excel, ['CSV', { format: 'csv' }], parquet, ['JSON', { format: 'json' }]];
const page = 30;
const refreshMax = 200; // what one request may ask for

// openRecords shows the list, and keeps it up to date while it is seen.
export function openRecords(main, kinds, { name, waiting }, signal) {
  const all = [...kinds, ...newer(account)];
  const kind = first(all, name);
  const shown = { kind, items: [], next: '', waiting, read: false };
  const list = make('div');
  const draw = () => refresh(list, body(shown, more));
  const take = async (query) =>
    ask(`/api/records?kind=${kind.name}&${shown.waiting ? 'waiting=true&' : ''}${query}`);
  const update = async () => {
    const asked = Math.min(refreshMax, Math.max(page, shown.items.length));
    try {
      const { items, next } = await take(`limit=${asked}`);
      const fresh = new Set(items.map((item) => item.id));
      const older = shown.items.slice(asked).filter((item) => !fresh.has(item.id));
      Object.assign(shown, {
        items: [...items, ...older],
        next: older.length ? shown.next : next,
        read: true,
      });
    } catch (trouble) {
      if (!trouble.away) throw trouble;
    }
    if (!signal.aborted) draw();
  };
  const more = () =>
    attempt(async () => {
      const { items, next } = await take(`limit=${page}&after=${shown.next}`);
      Object.assign(shown, { items: [...shown.items, ...items], next });
      draw();
    });
  const only = make('input', {
    type: 'checkbox',
    id: 'only-waiting',
    checked: waiting,
    change: () => location.replace(`#/records/${kind.name}${only.checked ? '/waiting' : ''}`),
  });
  const count = make('b.count', { hidden: true });
  replace(
    main,
    make('h1.unseen', { tabindex: '-1' }, t('records')),
    make(
      'div.above',
      choices(all, kind, 'records'),
      make('label.tap', only, make('span', t('onlyWaiting'), count)),
    ),
    list,
    kind.fields.length > 0 && exports('/api/export', [['kind', kind.name]], files),
  );
  draw();
  follow(({ status }) => {
    const n = status?.unsent?.records?.[kind.name] ?? 0;
    count.textContent = n || '';
    count.hidden = !n;
    update();
  }, signal);
}

function body({ kind, items, next, waiting, read }, more) {
  const list = items.map((item) => make('li', row(kind, item)));
  const nothing = t(!read ? 'loading' : waiting ? 'noneWaiting' : 'noRecords');
  return [
    items.length ? make('ul.rows', list) : make('p.nothing', nothing),
    next && button('.wide', '', t('loadMore'), more, { id: 'more' }),
  ];
}

// row shows one record: its choices are the headline, for they say what it is
// about; then who, where and when.
function row(kind, item) {
  const { headline, words } = called(kind, item);
  const place = item.values[kind.area.field] ?? item.space.split('/')[0];
  const when = item.values[kind.when];
  const files = kind.fields
    .filter((f) => f.files)
    .reduce((n, f) => n + (item.values[f.name]?.length ?? 0), 0);
  return make(
    'a',
    { href: `#/record/${address(item)}`, id: `row-${item.id}` },
    make(
      'span.line',
      make('strong', headline || words || say(kind.title, kind.name)),
      item.conflict && chip(t('conflict'), 'wait', 'alert'),
      fateChip(item),
      files > 0 && chip(String(files), 'calm', 'photo'),
    ),
    headline && words && make('span.line.quiet', words),
    make(
      'span.line.foot',
      make(
        'span.quiet',
        area(place),
        ' · ',
        moment(typeof when === 'number' ? when : item.changed),
      ),
      track(item.level, item.owed),
    ),
  );
}
