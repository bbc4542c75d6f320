// What a person should know of: what it is, what to do, and which records.
import { areaWords } from './areas.js';
import { address, ask } from './ask.js';
import { button, make, replace, icon } from './draw.js';
import { ago, mono } from './show.js';
import { account, hurry } from './status.js';
import { announce, attempt } from './voice.js';
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

function trouble({ id, sort, grave, what, do: todo, detail, at, stuck, records: about }) {
  return make(
    `li.trouble.${sort}`,
    make('p', !grave && make('span.quiet', t('toKnow'), ' '), make('strong', say(what))),
    stuck && make('p', where(stuck)),
    (stuck?.records ?? about)?.length > 0 && records(stuck ?? { records: about }),
    make('p.todo', say(todo)),
    make('p.quiet.small', at && `${ago(at)} · `, mono(detail ?? '')),
    id && asking(id),
  );
}

// where says what does not go on, and that all else does.
function where({ offered, by, author, space, from, batches }) {
  const [area] = space.split('/');
  const values = { by, author, n: batches, from, area: areaWords(area) };
  return [t(offered ? 'stuckOffered' : 'stuckBrought', values), t('restGoesOn')].join(
    english() ? ' ' : '',
  );
}

// records names them, and leads to each at a box: the hub has no page of a record.
function records({ records: all, more }) {
  const name = (one) => (account.status?.role === 'hub' ? say(one.words) : make('a', { href: `#/record/${address(one)}` }, say(one.words)));
  return [
    make('ul.stuck', all.map((one) => make('li', name(one)))),
    more && make('p.hint', t('firstRecords', { n: all.length })),
  ];
}

// dealt lists what people have dealt with, the latest first, or is nothing.
export function dealt(all = []) {
  if (!all.length) return undefined;
  return make(
    'section.sheet.dealt',
    make('h2', icon('check'), t('dealtWith', { n: all.length })),
    make('ul', all.map(done)),
  );
}

function done({ id, what, by, reason, at, stands }) {
  const back = () => attempt(() => putAside(id, { by, back: true }, t('backNow')));
  return make(
    'li.trouble',
    make('p', make('strong', say(what)), ' ', stands && make('span.quiet', t('stillStands'))),
    make('p', t('dealtBy', { by, reason })),
    make('p.foot', make('span.quiet.small', ago(at)), button('.quiet', 'back', t('takeBack'), back, { id: `back-${id}` })),
  );
}

async function putAside(id, body, said) {
  await ask(`/api/troubles/${encodeURIComponent(id)}`, { method: 'POST', body });
  announce(said);
  hurry();
}

// asking is the button by which a person puts a trouble aside, and what it asks: who
// they are, and what they did.
export function asking(id, words = { open: 'putAside', why: 'asideFor' }, done = () => {}) {
  const node = make('div.aside');
  const close = () => replace(node, button('.quiet', 'check', t(words.open), open, { id: `aside-${id}` }));
  const open = () => {
    const by = make('input', { id: 'aside-by', maxlength: 40, autocomplete: 'name', required: true });
    const reason = make('input', { id: 'aside-reason', maxlength: 200, required: true, placeholder: t(words.why) });
    const save = (event) => {
      event.preventDefault();
      return attempt(async () => {
        await putAside(id, { by: by.value, reason: reason.value }, t('asideNow'));
        close();
        done();
      });
    };
    const foot = make('p.foot', make('button.main', t('putAside')), button('.quiet', '', t('cancel'), close));
    replace(
      node,
      make(
        'form',
        { novalidate: true, submit: save },
        make('label', t('asideBy'), by),
        make('label', t('asideReason'), reason),
        make('p.hint', t('asideWhy')),
        foot,
      ),
    );
    by.focus();
  };
  close();
  return node;
}
