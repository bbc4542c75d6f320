// The boxes as the county knows them: who was heard, and what of whom is here.
import { make, icon } from './draw.js';
import { now } from './ask.js';
import { wide } from './place.js';
import { ago } from './show.js';
import { t } from './words.js';

const hourLong = 3600e3;
const dayLong = 24 * hourLong;

// boxes is a table, the longest silent first.
export function boxes(all) {
  const order = all.toSorted((a, b) => age(b.complete) - age(a.complete) || a.device - b.device);
  const heads = ['boxName', 'completeTo', 'lastHeard', 'countyLacks', 'notTaken'].map((word) =>
    make('th', { scope: 'col' }, t(word)),
  );
  const table = make('table', make('thead', make('tr', heads)), make('tbody', order.map(box)));
  return make(
    'section.sheet.boxes',
    make('h2', t('allBoxes')),
    make('p.hint', t('allBoxesWhy')),
    all.length ? wide(table, t('allBoxes')) : make('p.nothing', t('noPeers')),
  );
}

function age(moment) {
  return moment ? now() - Date.parse(moment) : Infinity;
}

function box({ name, complete, heard, told, wants, refused = 0, skew_s: skew = 0 }) {
  const late = age(complete) > dayLong;
  return make(
    'tr',
    make('th', { scope: 'row' }, name),
    make(late ? 'td.late' : 'td', late && icon('alert'), ago(complete)),
    make('td', ago(heard), Math.abs(skew) >= 600 && make('span.late', icon('alert'), t('clockOff'))),
    make('td', told ? [t('unsentHere', { n: wants }), wants > 0 && age(told) > hourLong && make('span.quiet.small', ` ${t('knownAt', { ago: ago(told) })}`)] : '—'),
    make(refused ? 'td.late' : 'td', refused ? t('streams', { n: refused }) : '—'),
  );
}
