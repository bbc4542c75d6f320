// The pages of a hub replica: the month at a glance, reports and the records behind them,
// what was told upward, what may make figures wrong, and the group itself.
import { make, refresh, replace, icon } from './draw.js';
import { learnAreas } from './areas.js';
import { ask } from './ask.js';
import { openBehind } from './behind.js';
import { database } from './database.js';
import { openDecisions } from './decisions.js';
import { kinds } from './kinds.js';
import { peers } from './exchange.js';
import { openMonths } from './month.js';
import { openOverview } from './overview.js';
import { spaces } from './place.js';
import { openQuality } from './quality.js';
import { asked, openQuestion } from './question.js';
import { openRecord } from './record.js';
import { openRegisters } from './registers.js';
import { frame } from './shell.js';
import { ago, tiles } from './show.js';
import { account, follow, watch } from './status.js';
import { answer } from './table.js';
import { openTold } from './told.js';
import { trouble } from './voice.js';
import { t } from './words.js';

let page = new AbortController();
let areasRead; // settles when the names of areas were asked for

// open draws the whole page; it is called again when the language turns.
function open() {
  page.abort();
  page = new AbortController();
  const parts = frame(open, [
    { href: '#/overview', text: t('overview'), drawing: icon('place') },
    { href: '#/reports', text: t('reports'), drawing: icon('chart') },
    { href: '#/months', text: t('tabMonths'), drawing: icon('check') },
    { href: '#/told', text: t('tabTold'), drawing: icon('up') },
    { href: '#/decisions', text: t('tabDecisions'), drawing: icon('pen') },
    { href: '#/registers', text: t('registers'), drawing: icon('list') },
    { href: '#/quality', text: t('tabQuality'), drawing: icon('alert') },
    { href: '#/hub', text: t('hub'), drawing: icon('link') },
  ]);
  areasRead ??= learnAreas(new AbortController().signal);
  header(parts, page.signal);
  route(parts, page.signal);
}

const around = { behind: 'reports' }; // pages that stand under another's tab
let before = '#/reports'; // what was shown before a record: the way back, and its tab

// route shows what the address names, and again whenever it changes. A question that
// changes leaves the page of reports where it is.
function route({ main, tabs }, signal) {
  let view = new AbortController();
  let shown = '';
  const go = async (event) => {
    const name = named(location.hash);
    const stays = name === 'reports' && shown.startsWith('#/reports');
    if (event && (location.hash === shown || stays)) return;
    if (shown && named(shown) !== 'record') before = shown;
    shown = location.hash;
    view.abort();
    view = new AbortController();
    const under = name === 'record' ? named(before) : name;
    const tab = `#/${around[under] ?? under}`;
    tabs.forEach((a) => a.setAttribute('aria-current', a.hash === tab ? 'page' : 'false'));
    await show(main, name, AbortSignal.any([signal, view.signal]));
    if (!event) return;
    main.querySelector('h1')?.focus({ preventScroll: true });
    scrollTo(0, 0);
  };
  addEventListener('hashchange', go, { signal });
  go();
}

const named = (hash) => hash.slice(2).split(/[/?]/)[0] || 'overview';

async function show(main, name, signal) {
  if (name === 'months') {
    const node = make('div');
    replace(main, make('h1.unseen', { tabindex: '-1' }, t('monthEnd')), node);
    openMonths(node, signal);
    return;
  }
  if (name === 'hub') {
    openGroup(main, signal);
    return;
  }
  const [all] = await Promise.all([kinds(signal), areasRead]);
  if (signal.aborted) return;
  if (name === 'reports') openReports(main, all, signal);
  else if (name === 'behind') await openBehind(main, all, new URLSearchParams(location.hash.split('?')[1]), signal);
  else if (name === 'decisions') await openDecisions(main, all, new URLSearchParams(location.hash.split('?')[1]), signal);
  else if (name === 'registers') await openRegisters(main, all, new URLSearchParams(location.hash.split('?')[1]), signal);
  else if (name === 'quality') openQuality(main, all, signal);
  else if (name === 'record') await openRecord(main, all, recordOf(location.hash), signal, before);
  else if (name === 'told') openUpward(main, all, signal);
  else openOverview(main, all, signal);
}

// recordOf reads which record an address names.
function recordOf(hash) {
  const [, kind, area, ranked, id] = hash.slice(2).split('/').map(decodeURIComponent);
  return { kind, space: `${area}/${ranked}`, id };
}

// openReports shows the question that the address holds, and the answer to it: again
// when the address changes, and again when the county has more.
function openReports(main, all, signal) {
  const question = make('div');
  const result = make('div.result');
  const spoken = make('p.unseen', { role: 'status' });
  replace(main, make('h1', { tabindex: '-1' }, t('reports')), spoken, make('div.office', question, result));
  let latest = 0;
  const look = async () => {
    if (account.away) return;
    const turn = ++latest;
    const query = asked(all);
    const get = async () => answer(await ask(`/api/report?${query}&compared=true`), query);
    const shown = await get().catch(trouble);
    if (turn !== latest || signal.aborted) return;
    refresh(result, shown);
    spoken.textContent = result.querySelector('.total, .problem').textContent;
  };
  const turned = () => {
    if (!location.hash.startsWith('#/reports')) return;
    openQuestion(question, all);
    look();
  };
  addEventListener('hashchange', turned, { signal });
  openQuestion(question, all);
  look();
  follow(look, signal);
}

function openUpward(main, all, signal) {
  const list = make('div');
  replace(main, make('h1.unseen', { tabindex: '-1' }, t('told')), list);
  openTold(list, all, signal);
}

function openGroup(main, signal) {
  const body = make('div.cards');
  replace(main, make('h1.unseen', { tabindex: '-1' }, t('hub')), body);
  follow(({ status }) => status && refresh(body, sheets(status)), signal);
}

function header({ title, subtitle, side, contact, notice }, signal) {
  const pill = make('span.pill.calm');
  side.append(pill);
  follow(({ status, away }) => {
    const { tone, drawing, word } = standing(status, away);
    pill.className = `pill ${tone}`;
    refresh(pill, icon(drawing), t(word));
    notice.hidden = !away;
    notice.textContent = away ? t('figuresAway') : '';
    if (!status) return;
    document.title = `${status.name} · 网格`;
    title.textContent = status.name;
    subtitle.textContent = status.county;
    refresh(contact, make('span', `${t('groupAt')} `, make('b', ago(status.hub?.at))));
  }, signal);
}

// standing sums up in one word how the replica is.
function standing(status, away) {
  if (away) return { tone: 'bad', drawing: 'alert', word: 'hubAway' };
  if (!status?.hub) return { tone: 'calm', drawing: 'exchange', word: 'connecting' };
  if (status.light === 'attention') return { tone: 'bad', drawing: 'alert', word: 'attention' };
  if (!status.hub.leader) return { tone: 'wait', drawing: 'alert', word: 'noLeader' };
  const leads = status.hub.leader === status.device;
  return { tone: 'good', drawing: 'check', word: leads ? 'thisIsLeader' : 'inGroup' };
}

function sheets(status) {
  const all = status.peers ?? [];
  return [
    status.hub && group(status),
    status.sink && database(status.sink),
    peers(all.filter((p) => p.role === 'hub'), t('replicas')),
    spaces(status.spaces ?? []),
  ];
}

function group({ hub, device, name, peers: others = [] }) {
  const leader = [{ device, name }, ...others].find((o) => o.device === hub.leader);
  const facts = {
    leader: leader?.name ?? t('noLeader'),
    term: hub.term,
    commit: hub.commit,
    applied: hub.applied,
    groupAt: ago(hub.at),
  };
  return make(
    'section.sheet.group',
    make('h2', t('group')),
    tiles(Object.entries(facts).map(([word, fact]) => [t(word), fact])),
  );
}

open();
watch(new AbortController().signal);
