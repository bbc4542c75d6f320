// The node's HTTP interface, as the pages use it.

// patience is how long a page waits for its node, in milliseconds. Nodes are
// near; one that takes longer is away.
const patience = 12000;

const uploadPatience = 120000; // of a file, likewise

let drift = 0;

// now returns the node's time in milliseconds since 1970: what a page says of
// ages must not depend on the tablet's clock.
export function now() {
  return Date.now() + drift;
}

// Trouble is why a request was not done: what to say in both languages, the
// problems of single fields, or away when the node did not answer at all.
export class Trouble extends Error {
  constructor(text, problems = [], away = false) {
    super(text.en);
    Object.assign(this, { text, problems, away });
  }
}

const silent = {
  zh: '节点没有应答。它回来之后会自动恢复',
  en: 'The node does not answer. The page goes on by itself when it is back',
};

// ask makes a request and returns the answer, or throws Trouble.
export async function ask(path, { method = 'GET', body } = {}) {
  const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
  let response, answer;
  try {
    const signal = AbortSignal.timeout(patience);
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body), signal });
    answer = response.status === 204 ? {} : await response.json();
  } catch {
    throw new Trouble(silent, [], true);
  }
  const date = Date.parse(response.headers.get('Date'));
  if (Math.abs(date - now()) > 2000) drift = date - Date.now();
  if (!response.ok) throw new Trouble(answer.error ?? { zh: '', en: '' }, answer.problems);
  return answer;
}

// sendFile sends a file's bytes and returns what the node calls it, or throws
// Trouble. The node finds out by itself what it is.
export async function sendFile(file) {
  const headers = { 'Content-Type': 'application/octet-stream' };
  let response, answer;
  try {
    const signal = AbortSignal.timeout(uploadPatience);
    response = await fetch('/api/files', { method: 'POST', headers, body: file, signal });
    answer = await response.json();
  } catch {
    throw new Trouble(silent, [], true);
  }
  if (!response.ok) throw new Trouble(answer.error, answer.problems);
  return answer;
}

// address returns the path of a record in the interface and in the pages.
export function address({ kind, space, id }) {
  return `${encodeURIComponent(kind)}/${space}/${id}`;
}

// repeat calls work again and again while the page is seen, and at once when it
// comes into view, until the signal ends it. One call ends before the next begins.
// What it returns calls work now.
export function repeat(work, pause, signal) {
  let timer;
  let working = false;
  const turn = async () => {
    if (working || document.hidden) return;
    working = true;
    clearTimeout(timer);
    try {
      await work();
    } finally {
      working = false;
      if (!signal.aborted) timer = setTimeout(turn, pause);
    }
  };
  document.addEventListener('visibilitychange', turn, { signal });
  signal.addEventListener('abort', () => clearTimeout(timer));
  turn();
  return turn;
}
