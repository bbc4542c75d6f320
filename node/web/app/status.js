// What the node tells of itself, asked again every two seconds.
import { ask, repeat, now } from './ask.js';
import { size } from './attach.js';
import { t } from './words.js';

const pause = 2000;
const step = 10e3; // ages are told anew so often

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

// unsentWords says what waits: records by their batches, and photos. Of a photo of which
// the original waits the preview is no thing of its own.
export function unsentWords(waiting, { files = 0, previews = 0 }) {
  return [waiting > 0 && t('batches', { n: waiting }), photosWords(files, previews)].filter(Boolean).join(t('and'));
}

export function photosWords(files, previews) {
  if (files > 0) return t('photos', { n: files });
  return previews > 0 && t('previews', { n: previews });
}

// state puts the node's own light into a word, a tone and a drawing, never a
// colour alone. What has waited for more than a day is red.
export function state({ status, away }) {
  if (away) return { tone: 'bad', drawing: 'alert', word: 'away' };
  if (!status) return { tone: 'calm', drawing: 'exchange', word: 'connecting' };
  const { light, waiting, unsent = {}, troubles = [] } = status;
  const { bytes = 0, late, file_bytes: fileBytes = 0 } = unsent;
  const n = unsentWords(waiting, unsent);
  const grave = troubles.filter((one) => one.grave).length;
  switch (light) {
    case 'attention':
      return { tone: 'bad', drawing: 'alert', word: 'attentionTo', n: grave };
    case 'safe':
      return { tone: 'good', drawing: 'check', word: 'allSafe' };
    case 'sending':
      return { tone: late ? 'bad' : 'move', drawing: 'exchange', word: 'sending', n, kb: size(bytes + fileBytes) };
  }
  return { tone: late ? 'bad' : 'wait', drawing: 'up', word: late ? 'waitingLong' : 'waiting', n };
}
