// The page of a hub replica: a report, how current it is, and the group.
import { make, replace, icon } from './draw.js';
import { ask } from './ask.js';
import { peers, spaces } from './place.js';
import { openQuestion, asked } from './question.js';
import { frame } from './shell.js';
import { ago } from './show.js';
import { account, follow, watch } from './status.js';
import { answer, trouble } from './table.js';
import { t } from './words.js';

let kinds;
let page = new AbortController();

// open draws the whole page; it is called again when the language turns.
function open() {
  page.abort();
  page = new AbortController();
  const { signal } = page;
  const parts = frame(open);
  header(parts, signal);
  const question = make('div', {});
  const result = make('div', { class: 'result', 'aria-live': 'polite' });
  const group = make('div', { class: 'cards' });
  replace(parts.main, make('h1', {}, t('office')), make('div', { class: 'office' }, question, result), group);
  follow(({ status }) => status && replace(group, status.hub && consensus(status), peers(status.peers ?? [], t('replicas')), spaces(status.spaces ?? [])), signal);
  report(question, result, signal);
}

// report shows the question that the address holds, and the answer to it: again
// when the address changes, and again when the county has more.
async function report(question, result, signal) {
  const read = (answer) => answer.kinds;
  while (!kinds && !signal.aborted) kinds = await ask('/api/kinds').then(read, () => new Promise((later) => { setTimeout(later, 2000); }));
  let latest = 0;
  const look = async () => {
    if (account.away) return;
    const turn = ++latest;
    const query = asked(kinds);
    const shown = await ask(`/api/report?${query}`).then((found) => answer(found, query), trouble);
    if (turn === latest && !signal.aborted) replace(result, shown);
  };
  const turned = () => {
    openQuestion(question, kinds);
    look();
  };
  addEventListener('hashchange', turned, { signal });
  turned();
  follow(look, signal);
}

function header({ title, subtitle, side, contact, notice }, signal) {
  const pill = make('span', { class: 'pill calm' });
  side.append(pill);
  follow(({ status, away }) => {
    const [tone, drawing, word] = standing(status, away);
    pill.className = `pill ${tone}`;
    replace(pill, icon(drawing), make('span', {}, t(word)));
    notice.hidden = !away;
    notice.textContent = away ? `${t('hubAway')}${t('figuresAway')}` : '';
    if (!status) return;
    document.title = `${status.name} · 网格`;
    title.textContent = status.name;
    subtitle.textContent = status.county;
    replace(contact, make('span', {}, `${t('groupAt')} `, make('b', {}, ago(status.hub?.at))));
  }, signal);
}

function standing(status, away) {
  if (away) return ['bad', 'alert', 'hubAway'];
  if (!status?.hub) return ['calm', 'exchange', 'connecting'];
  if (!status.hub.leader) return ['wait', 'alert', 'noLeader'];
  return ['good', 'check', status.hub.leader === status.device ? 'thisIsLeader' : 'inGroup'];
}

function consensus({ hub, device, name, peers: others = [] }) {
  const leader = hub.leader === device ? name : others.find((p) => p.device === hub.leader)?.name ?? t('noLeader');
  const facts = [['leader', leader], ['term', hub.term], ['commit', hub.commit], ['applied', hub.applied], ['groupAt', ago(hub.at)]];
  return make('section', { class: 'sheet' }, make('h2', {}, t('group')),
    make('dl', { class: 'tiles' }, facts.map(([word, fact]) => make('div', {}, make('dt', {}, t(word)), make('dd', {}, String(fact))))));
}

open();
watch(new AbortController().signal);
