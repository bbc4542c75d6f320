// The page of a demonstration: a county of processes, to be cut and switched off.
import { make, replace, icon } from './draw.js';
import { ask, repeat } from './ask.js';
import { actor, wire } from './actor.js';
import { digests } from './digests.js';
import { direct } from './form.js';
import { frame } from './shell.js';
import { english, say, t } from './words.js';

const pause = 1500;
let page = new AbortController();

// open draws the whole page; it is called again when the language turns.
function open() {
  page.abort();
  page = new AbortController();
  const { signal } = page;
  const { main, title, subtitle, notice } = frame(open);
  document.title = `${t('stage')} · 网格`;
  title.textContent = t('stage');
  subtitle.textContent = t('stageWhy');
  const map = make('section', { class: 'map', 'aria-label': t('stage') });
  const compared = make('section', { class: 'sheet', 'aria-live': 'polite' });
  const counted = make('section', { class: 'sheet', hidden: true });
  const steps = make('section', { class: 'sheet script' });
  replace(main, map, make('div', { class: 'below' }, make('div', { class: 'seen' }, compared, counted), steps));
  let last = '';
  repeat(async () => {
    try {
      const { nodes } = await ask('/api/stage');
      notice.hidden = true;
      if (!signal.aborted && last !== (last = JSON.stringify(nodes))) draw(nodes, map, compared, steps);
      await count(counted);
    } catch (trouble) {
      if (!trouble.text) throw trouble;
      notice.textContent = say(trouble.text);
      notice.hidden = false;
    }
  }, pause, signal);
}

function draw(nodes, map, compared, steps) {
  const hubs = nodes.filter((n) => n.role === 'hub');
  const boxes = nodes.filter((n) => n.role !== 'hub');
  replace(map,
    make('div', { class: 'hub' }, make('h2', {}, t('hubGroup')), make('div', { class: 'replicas' }, hubs.map((n) => actor(n)))),
    make('div', { class: 'boxes' }, boxes.map((n) => make('div', { class: 'spot' }, wire(n, hubs), actor(n)))));
  replace(compared, digests(nodes));
  replace(steps, script(boxes));
}

// script says what to try, in five steps.
function script(boxes) {
  const links = boxes.slice(0, 2).map((b) => make('a', { href: b.web, target: '_blank', rel: 'noopener' }, b.name, icon('open')));
  return [make('h2', {}, t('script')), make('ol', {}, [1, 2, 3, 4, 5].map((n) =>
    make('li', {}, make('span', {}, t(`step${n}`), (n === 1 || n === 3) && make('span', { class: 'links' }, n === 1 ? links[0] : links)))))];
}

let reports;

// count shows the county's figures, where the demonstration has an office.
async function count(node) {
  reports ??= await ask('/api/kinds').then(({ kinds }) => direct(kinds).flatMap((k) => (k.reports ?? []).slice(0, 1).map((r) => `${k.name}.${r.name}`)), () => []);
  const found = await Promise.all(reports.map((name) => ask(`/api/report?report=${name}`).catch(() => undefined)));
  const known = found.filter(Boolean);
  node.hidden = !known.length;
  replace(node, make('h2', {}, t('countyFigure')), make('dl', { class: 'tiles' }, known.map((f) =>
    make('div', {}, make('dt', {}, say(f.title)), make('dd', {}, new Intl.NumberFormat(english() ? 'en' : 'zh-CN').format(f.total))))));
}

open();
