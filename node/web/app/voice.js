// The voice says what has happened, in a line at the foot of the page that
// screen readers speak too.
import { icon, make } from './draw.js';
import { say, t } from './words.js';

const long = 6000; // milliseconds that a line stays
let timer;

// announce says one line.
export function announce(text) {
  const voice = document.getElementById('voice');
  voice.textContent = text;
  voice.classList.add('on');
  clearTimeout(timer);
  timer = setTimeout(() => voice.classList.remove('on'), long);
}

// words returns what to say of a trouble.
export function words(trouble) {
  return say(trouble.text) || trouble.problems.map((p) => say(p.text)).join(' ');
}

// trouble shows why there is no answer, where it would stand.
export function trouble(reason) {
  if (!reason.text) throw reason;
  return make('section.sheet', make('p.problem', icon('alert'), words(reason)));
}

// attempt does some work, says so if it was not done, and returns whether it was.
export async function attempt(work) {
  try {
    await work();
    return true;
  } catch (trouble) {
    if (!trouble.text) throw trouble;
    announce(`${t('notDone')} ${words(trouble)}`);
    return false;
  }
}
