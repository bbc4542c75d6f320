// What the node tells of itself, asked again every two seconds.
import { ask, repeat, now } from './ask.js';

const pause = 2000;
const step = 10e3; // ages are told anew so often
const dayLong = 24 * 3600e3;

// account is the last that is known: the status, undefined before the first
// answer, and whether the node is away now.
export const account = { status: undefined, away: false };
const followers = new Set();

// follow calls tell on every account that differs from the one before, and now
// and then on the same one, for ages go on. It calls at once when there is one,
// and no more when the signal ends it.
export function follow(tell, signal) {
  followers.add(tell);
  signal.addEventListener('abort', () => followers.delete(tell));
  if (account.status || account.away) tell(account);
}

// known settles when the node has told of itself for the first time.
export const known = new Promise((settle) => {
  const first = ({ status }) => status && followers.delete(first) && settle();
  followers.add(first);
});

// hurry asks now: the person has just done something and wants to see it.
export let hurry;

// watch starts asking.
export function watch(signal) {
  let last = '';
  hurry = repeat(
    async () => {
      try {
        Object.assign(account, { status: await ask('/api/status'), away: false });
      } catch {
        account.away = true;
      }
      const told = JSON.stringify(account) + Math.floor(now() / step);
      if (told !== last) followers.forEach((tell) => tell(account));
      last = told;
    },
    pause,
    signal,
  );
}

// state sums an account up in one of the four words of the header. Green comes
// from the county's receipts alone: nothing waits.
export function state({ status, away }) {
  if (away) return { tone: 'bad', drawing: 'alert', word: 'away' };
  if (!status) return { tone: 'calm', drawing: 'exchange', word: 'connecting' };
  const n = status.waiting;
  const last = heard(status, 'hub');
  const late = n > 0 && last && now() - Date.parse(last) > dayLong;
  if (status.refused?.length || status.read_only || late)
    return { tone: 'bad', drawing: 'alert', word: 'attention' };
  if (n === 0) return { tone: 'good', drawing: 'check', word: 'allSafe' };
  const way = !status.cut && status.peers?.some((p) => p.connected && p.role === 'hub');
  return way
    ? { tone: 'move', drawing: 'exchange', word: 'sending', n }
    : { tone: 'wait', drawing: 'up', word: 'waiting', n };
}

// heard returns when this node last heard of the county, or of its neighbours;
// undefined if never.
export function heard({ heard_hub: receipt, peers = [] }, role) {
  const moments = peers.filter((p) => p.role === role).map((p) => p.heard);
  if (role === 'hub') moments.push(receipt);
  return moments.filter(Boolean).toSorted((a, b) => Date.parse(b) - Date.parse(a))[0];
}
