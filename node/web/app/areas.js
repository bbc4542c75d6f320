// What areas are called. The code stands beside the name, for it alone is sure; where no
// name is known it stands alone, and the pages go on.
import { make, icon } from './draw.js';
import { ask, repeat } from './ask.js';
import { code } from './show.js';
import { t } from './words.js';

const pause = 60e3; // names change a few times a year
const community = 12;
const whole = '00'; // where the county says what concerns it as a whole: no area has this code
let all = new Map(); // names by codes

// learnAreas asks the node for the names, now and then again until the signal ends it. It
// settles when the first answer is there, or none.
export function learnAreas(signal) {
  return new Promise((settle) => {
    const look = async () => {
      const { areas } = await ask('/api/areas').catch(() => ({}));
      if (areas) all = new Map(areas.map((one) => [one.code, one.name]));
      settle();
    };
    repeat(look, pause, signal);
    signal.addEventListener('abort', settle);
  });
}

// areaName returns what an area is called, or nothing: a grid by its community's name, with the
// digits behind.
export function areaName(digits) {
  const text = String(digits);
  if (text === whole) return t('wholeCounty');
  if (all.has(text)) return all.get(text);
  const name = text.length > community && all.get(text.slice(0, community));
  return name ? `${name} ${text.slice(community)}` : undefined;
}

// isCode tells an area's code from other keys of a figure's groups.
export const isCode = (text) => /^\d{6,21}$/.test(text);

// areaWords returns an area's name and code as a text.
export function areaWords(digits) {
  return [areaName(digits), code(digits)].filter(Boolean).join(' ');
}

// area shows them.
export function area(digits) {
  const name = areaName(digits);
  const mono = make('span.mono', code(digits));
  if (!name) return mono;
  mono.classList.add('quiet', 'small');
  return make('span.area', { title: String(digits) }, name, ' ', mono);
}

const placed = new Set(['county', 'district', 'area', 'grid', 'household']);

// isPlace tells the fields that hold an area's code.
export const isPlace = (field) => placed.has(field?.type);

// areaList is what a control offers for an area, once.
export function areaList(id, option, fits = () => true) {
  const some = [...all].filter(([digits]) => fits(digits));
  return make('datalist', { id }, some.map(([digits, name]) => make('option', option(digits, name))));
}

// areaInput lets somebody choose an area by its name or its code, and gives the digits to pick.
export function areaInput(id, value, pick, more = {}) {
  const complaint = make('p.problem', { id: `${id}-problem`, hidden: true }, icon('alert'), t('areaUnknown'));
  const change = () => {
    const digits = digitsOf(input.value);
    complaint.hidden = digits !== undefined;
    if (digits === undefined) return;
    input.value = called(digits);
    pick(digits);
  };
  const input = make('input', {
    id, type: 'text', list: `${id}-list`, autocomplete: 'off', maxlength: 80, value: called(value),
    placeholder: t(all.size ? 'areaByName' : 'areaByCode'), 'aria-describedby': `${id}-problem`, change, ...more,
  });
  return make('div.area-input', input, areaList(`${id}-list`, (digits, name) => ({ value: `${name} ${digits}` })), complaint);
}

const called = (digits) => (digits && all.has(digits) ? `${all.get(digits)} ${digits}` : (digits ?? ''));

// digitsOf reads what was typed: a code, a name, or both; part of a name that one area alone
// has will do. It is nothing where that says no area.
export function digitsOf(typed) {
  const text = typed.trim();
  const [digits] = text.match(/\d{2,}$/) ?? [];
  if (!text || digits) return digits ?? '';
  if (/^\d*$/.test(text)) return undefined;
  const exact = [...all].filter(([, name]) => name === text);
  const some = exact.length ? exact : [...all].filter(([, name]) => name.includes(text));
  return some.length === 1 ? some[0][0] : undefined;
}
