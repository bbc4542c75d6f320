// What a person should know of: what it is, what to do, and which records.
import { make, icon } from './draw.js';
import { address } from './ask.js';
import { ago, code, mono } from './show.js';
import { english, say, t } from './words.js';

// troubles lists them, the gravest first, or is nothing.
export function troubles(all = []) {
  if (!all.length) return undefined;
  const grave = all.some((one) => one.grave);
  return make(
    `section.sheet.troubles${grave ? '.alarm' : ''}`,
    { id: 'troubles', tabindex: '-1', 'aria-labelledby': 'troubles-title' },
    make('h2', { id: 'troubles-title' }, icon('alert'), t(grave ? 'attention' : 'toKnow')),
    make('ul', all.map(trouble)),
  );
}

function trouble({ sort, grave, what, do: todo, detail, at, stuck, records: about }) {
  return make(
    `li.trouble.${sort}`,
    make('p', !grave && make('span.quiet', t('toKnow'), ' '), make('strong', say(what))),
    stuck && make('p', where(stuck)),
    (stuck?.records ?? about)?.length > 0 && records(stuck ?? { records: about }),
    make('p.todo', say(todo)),
    make('p.quiet.small', at && `${ago(at)} · `, mono(detail ?? '')),
  );
}

// where says what does not go on, and that all else does.
function where({ offered, by, author, space, from, batches }) {
  const [area] = space.split('/');
  const values = { by, author, n: batches, from, area: code(area) };
  return [t(offered ? 'stuckOffered' : 'stuckBrought', values), t('restGoesOn')].join(
    english() ? ' ' : '',
  );
}

function records({ records: all, more }) {
  return [
    make(
      'ul.stuck',
      all.map((one) => make('li', make('a', { href: `#/record/${address(one)}` }, say(one.words)))),
    ),
    more && make('p.hint', t('firstRecords', { n: all.length })),
  ];
}
