// The page of a hub replica: a report, how current it is, and the group.
import { make, refresh, replace, icon } from './draw.js';
import { ask } from './ask.js';
import { kinds } from './kinds.js';
import { boxes } from './boxes.js';
import { peers } from './exchange.js';
import { openMonths } from './month.js';
import { spaces } from './place.js';
import { asked, openQuestion } from './question.js';
import { frame } from './shell.js';
import { ago, tiles } from './show.js';
import { account, follow, watch } from './status.js';
import { answer, trouble } from './table.js';
import { openTold } from './told.js';
import { dealt, troubles } from './trouble.js';
import { t } from './words.js';

let page = new AbortController();

// open draws the whole page; it is called again when the language turns.
function open() {
  page.abort();
  page = new AbortController();
  const { signal } = page;
  const parts = frame(open);
  header(parts, signal);
  const question = make('div');
  const result = make('div.result');
  const spoken = make('p.unseen', { role: 'status' });
  const months = make('div');
  const told = make('div');
  const group = make('div.cards');
  const office = make('div.office', question, result);
  replace(parts.main, make('h1', t('office')), spoken, office, months, told, group);
  follow(({ status }) => {
    if (status && !group.querySelector('form')) refresh(group, sheets(status));
  }, signal);
  openMonths(months, signal);
  report({ question, result, spoken, told }, signal);
}

// report shows the question that the address holds, and the answer to it: again
// when the address changes, and again when the county has more.
async function report({ question, result, spoken, told }, signal) {
  const all = await kinds(signal);
  openTold(told, all, signal);
  let latest = 0;
  const look = async () => {
    if (account.away) return;
    const turn = ++latest;
    const query = asked(all);
    const shown = await ask(`/api/report?${query}`).then((found) => answer(found, query), trouble);
    if (turn !== latest || signal.aborted) return;
    refresh(result, shown);
    spoken.textContent = result.querySelector('.total, .problem').textContent;
  };
  const turned = () => {
    openQuestion(question, all);
    look();
  };
  addEventListener('hashchange', turned, { signal });
  turned();
  follow(look, signal);
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
    troubles(status.troubles),
    dealt(status.dealt),
    boxes(all.filter((p) => p.role === 'box')),
    status.hub && group(status),
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
