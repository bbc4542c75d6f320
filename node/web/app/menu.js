// The way to a kind's page. A few kinds stand side by side; of many, those that were
// used last do, and all of them unfold by the work that they are part of.
import { openedKind, recentKinds } from './draft.js';
import { make, replace } from './draw.js';
import { chip } from './show.js';
import { say, t } from './words.js';

const fewMax = 8; // kinds that stand side by side

// choices shows kinds, each a way to its page.
export function choices(all, chosen, page) {
  const way = (k) =>
    make(
      'a',
      { href: `#/${page}/${k.name}`, 'aria-current': k === chosen && 'true' },
      say(k.title, k.name),
      k.newer && chip(t('newer'), 'calm'),
    );
  const many = all.length > fewMax;
  if (many) openedKind(chosen.name);
  const recent = recentKinds();
  const near = many ? all.filter((k) => k === chosen || k.newer || recent.includes(k.name)) : all;
  return make('nav.kinds', { 'aria-label': t('chooseForm') }, near.map(way), many && menu(all, way));
}

// menu unfolds all kinds, and finds some by what their names and works hold.
function menu(all, way) {
  const found = make('div.systems', { role: 'status' });
  const search = make('input', {
    type: 'search',
    id: 'find-kind',
    placeholder: t('findKind'),
    'aria-label': t('findKind'),
    autocomplete: 'off',
    input: () => look(),
    keydown: (event) => event.key === 'Enter' && found.querySelector('a')?.click(),
  });
  const look = () => {
    const wanted = search.value.trim().toLowerCase();
    const fits = ({ name, title, system }) =>
      [name, title.zh, title.en, system?.zh, system?.en].join('\n').toLowerCase().includes(wanted);
    const groups = Object.groupBy(all.filter(fits), (k) => say(k.system) || t('otherWork'));
    const parts = Object.entries(groups).map(([system, kinds]) =>
      make('section', make('h2', system), kinds.map(way)),
    );
    replace(found, parts.length ? parts : make('p.nothing', t('noSuchKind')));
  };
  const unfold = (event) => {
    if (!event.target.open) return;
    look();
    search.focus();
  };
  return make(
    'details.menu',
    { toggle: unfold },
    make('summary', t('allKinds', { n: all.length })),
    search,
    found,
  );
}
