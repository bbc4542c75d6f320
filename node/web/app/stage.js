// The page of a demonstration: a county of processes, to be cut and switched off.
import { make, refresh, replace, icon } from './draw.js';
import { learnAreas } from './areas.js';
import { ask, repeat } from './ask.js';
import { actor, wire } from './actor.js';
import { digests } from './digests.js';
import { reports } from './kinds.js';
import { frame } from './shell.js';
import { tiles } from './show.js';
import { sumOf } from './table.js';
import { say, t } from './words.js';

const pause = 1500;
let page = new AbortController();
let named;

// open draws the whole page; it is called again when the language turns.
function open() {
  page.abort();
  page = new AbortController();
  named ??= learnAreas(new AbortController().signal);
  const { main, title, subtitle, notice } = frame(open);
  document.title = `${t('stage')} · 网格`;
  title.textContent = t('stage');
  subtitle.textContent = t('stageWhy');
  const parts = {
    notice,
    spoken: make('p.unseen', { role: 'status' }),
    map: make('section.map', { 'aria-label': t('stage') }),
    compared: make('section.sheet'),
    counted: make('section.sheet', { hidden: true }),
    steps: make('section.sheet.script'),
  };
  const seen = make('div.seen', parts.compared, parts.counted);
  replace(main, parts.spoken, parts.map, make('div.below', seen, parts.steps));
  const hurry = repeat(
    look(parts, () => hurry(), page.signal),
    pause,
    page.signal,
  );
}

// look returns what asks how all are, and shows it when it has changed.
function look({ notice, ...parts }, hurry, signal) {
  let last = '';
  return async () => {
    try {
      const { nodes } = await ask('/api/stage');
      const told = JSON.stringify(nodes);
      if (signal.aborted) return;
      if (told !== last) draw(nodes, parts, hurry);
      last = told;
      notice.hidden = true;
      await count(parts.counted);
    } catch (trouble) {
      if (!trouble.text) throw trouble;
      notice.textContent = say(trouble.text);
      notice.hidden = false;
    }
  };
}

function draw(nodes, { map, compared, steps, spoken }, hurry) {
  const hubs = nodes.filter((n) => n.role === 'hub');
  const boxes = nodes.filter((n) => n.role !== 'hub');
  const spot = (n, i) =>
    make(`div.spot${near(boxes[i - 1], n) ? '.near' : ''}`, wire(n, hubs), actor(n, hurry));
  refresh(
    map,
    make(
      'div.hub',
      make('h2', t('hubGroup')),
      make(
        'div.replicas',
        hubs.map((n) => actor(n, hurry)),
      ),
    ),
    make('div.boxes', boxes.map(spot)),
  );
  refresh(compared, digests(nodes));
  refresh(steps, script(boxes));
  spoken.textContent = compared.querySelector('.head .chip')?.textContent ?? '';
}

// near reports whether two boxes are linked: the link is drawn between them.
function near(left, right) {
  return left && right.status?.peers?.some((p) => p.device === left.device && p.connected);
}

// script says what to try, in five steps.
function script(boxes) {
  const links = boxes.slice(0, 2).map(
    ({ web, name }) =>
      () =>
        make('a', { href: web, target: '_blank', rel: 'noopener' }, name, icon('open')),
  );
  const beside = { 1: links.slice(0, 1), 3: links };
  const step = (n) =>
    make(
      'li',
      make(
        'span',
        t(`step${n}`),
        make(
          'span.links',
          beside[n]?.map((link) => link()),
        ),
      ),
    );
  return [make('h2', t('script')), make('ol', [1, 2, 3, 4, 5].map(step))];
}

let counts;
const told = ['grid_visit', 'newjob_checkin', 'hazard_report', 'mediation_note', 'point_account'];

// count shows the first figure of the kinds that the story tells of, where the
// demonstration has an office.
async function count(node) {
  counts ??= await ask('/api/kinds').then(
    ({ kinds }) =>
      kinds.filter((k) => told.includes(k.name)).flatMap((k) => reports([k]).slice(0, 1)),
    () => [],
  );
  const answers = counts.map(({ name }) =>
    ask(`/api/report?report=${name}`).catch(() => undefined),
  );
  const known = (await Promise.all(answers)).filter(Boolean);
  node.hidden = !known.length;
  refresh(
    node,
    make('h2', t('countyFigure')),
    tiles(known.map((f) => [say(f.title), sumOf(f)])),
  );
}

open();
