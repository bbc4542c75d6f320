// A formula says whether a question is asked. It comes as a tree, ["=", ["field",
// "status"], "正常"], and means here what it means to the node (schema/FORMAT.md).

// holds reports whether a formula is true; of gives what is filled in of a field.
export function holds(tree, of) {
  return value(tree, of) === true;
}

// reading lets formulas see a form as it is being filled in: nothing is
// undefined, a moment is milliseconds since 1970, a list stays one.
export function reading(kind, form) {
  return (path) => {
    const [name, asked, ...rung] = path.split('.');
    const field = kind.fields.find((f) => f.name === name);
    const given = form[name];
    const nothing = given === undefined || given === '' || given === null || (Array.isArray(given) && !given.length);
    if (!field || nothing || (field.inline && field.type === 'link')) return undefined;
    if (field.type === 'ladder') return climbed(field, given, asked, rung.join('.'));
    return field.type === 'instant' && typeof given === 'string' ? moment(given) : given;
  };
}

// climbed answers what is asked of a ladder's steps in a form.
function climbed({ options }, given, asked, rung) {
  const steps = [given].flat().map((step) => (typeof step === 'string' ? { step } : step));
  const stands = steps.at(-1).step;
  if (asked === 'ended') return Boolean(options.find((o) => o.value === stands)?.ends);
  if (asked === 'steps') return steps.length;
  if (asked !== 'reached') return stands;
  const at = steps.findLast((step) => step.step === rung)?.at;
  return typeof at === 'string' ? moment(at) : at;
}

// moment reads a wall clock in China, where there is one time.
function moment(text) {
  const ms = Date.parse(/^[^T]+T\d\d:\d\d$/.test(text) ? `${text}:00+08:00` : text);
  return Number.isNaN(ms) ? undefined : ms;
}

// value works a formula out; undefined is nothing.
export function value(tree, of) {
  if (!Array.isArray(tree)) return tree;
  const [op, ...rest] = tree;
  if (op === 'field') return of(rest[0]);
  if (op === 'ended' || op === 'steps') return of(`${rest[0]?.[1]}.${op}`);
  if (op === 'reached') return of(`${rest[0]?.[1]}.reached.${rest[1]}`);
  if (op === 'and') return rest.every((arg) => holds(arg, of));
  if (op === 'or') return rest.some((arg) => holds(arg, of));
  if (op === 'not') return !holds(rest[0], of);
  if (op === 'if') return value(rest[holds(rest[0], of) ? 1 : 2], of);
  return worked(op, rest.map((arg) => value(arg, of)));
}

const plain = (a) => ['number', 'string', 'boolean'].includes(typeof a);
const equal = (a, b) => plain(a) && a === b;

function worked(op, [a, b, ...more]) {
  switch (op) {
    case 'filled': return a !== undefined;
    case 'count': return Array.isArray(a) ? a.length : Number(a !== undefined);
    case 'in': return [b, ...more].some((one) => equal(a, one));
    case 'has': return Array.isArray(a) && a.includes(b);
    case '=': return equal(a, b);
    case '!=': return a !== undefined && b !== undefined && !equal(a, b);
    case '<': return ordered(a, b) < 0;
    case '<=': return ordered(a, b) <= 0;
    case '>': return ordered(a, b) > 0;
    case '>=': return ordered(a, b) >= 0;
    case 'length': return typeof a === 'string' ? [...a].length : undefined;
    case 'day': return dayOf(a);
    case 'days': return between(a, b, days);
    case 'years': return between(a, b, years);
    case 'join': return [a, b, ...more].filter((s) => typeof s === 'string').join('') || undefined;
    case 'born': return resident(a)?.[0];
    case 'sex': return resident(a)?.[1];
    case 'area': return areaOf(a, b);
    case 'later': return later(a, b);
  }
  return calculated(op, a, b ?? (op === 'round' ? a : b));
}

// ordered compares two numbers, or two texts by code points; NaN where it cannot.
function ordered(a, b) {
  if (typeof a !== typeof b || !['number', 'string'].includes(typeof a)) return NaN;
  if (typeof a === 'number') return a - b;
  const [left, right] = [[...a], [...b]];
  const i = left.findIndex((c, at) => c !== right[at]);
  if (i < 0) return left.length - right.length;
  return right[i] === undefined ? 1 : left[i].codePointAt() - right[i].codePointAt();
}

function calculated(op, x, y) {
  if (typeof x !== 'number' || typeof y !== 'number') return undefined;
  const results = {
    '+': x + y, '-': x - y, '*': x * y, '/': x / y,
    min: Math.min(x, y), max: Math.max(x, y), round: Math.floor(x + 0.5),
  };
  return Number.isFinite(results[op]) ? results[op] : undefined;
}

// The moments and days that the node takes for real.
const moments = [631123200000, 7258089600000];

function dayOf(v) {
  if (typeof v === 'string') return isDay(v) ? v : undefined;
  if (typeof v !== 'number' || v < moments[0] || v >= moments[1]) return undefined;
  return new Date(v + 8 * 3600e3).toISOString().slice(0, 10);
}

function isDay(text) {
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || text < '1900' || text >= '2200') return false;
  const t = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(t.getTime()) && t.toISOString().startsWith(text);
}

function between(a, b, unit) {
  return typeof a === 'string' && typeof b === 'string' && isDay(a) && isDay(b) ? unit(a, b) : undefined;
}

// resident returns the birth day and the sex that an identity number says.
function resident(number) {
  const [, y, m, d, sex] = String(number).match(/^\d{6}(\d{4})(\d\d)(\d\d)\d\d(\d)[\dXx]$/) ?? [];
  const born = `${y}-${m}-${d}`;
  return isDay(born) ? [born, sex % 2 ? '1' : '2'] : undefined;
}

function areaOf(code, n) {
  const has = /^\d+$/.test(code) && Number.isInteger(n) && n >= 1 && n <= code.length;
  return typeof code === 'string' && has ? code.slice(0, n) : undefined;
}

function later(from, n) {
  const can = typeof from === 'string' && isDay(from) && Number.isInteger(n) && Math.abs(n) <= 1e5;
  const day = can && new Date(Date.parse(from) + n * 86400e3).toISOString().slice(0, 10);
  return day && isDay(day) ? day : undefined;
}

// result works a calculated field out. What its type would not take is nothing.
export function result(field, of) {
  const v = value(field.is, of);
  if (typeof v === 'boolean') return v;
  if (typeof v === 'string') return takes[field.type](v, field) ? v : undefined;
  if (typeof v !== 'number') return undefined;
  const n = field.type === 'int' ? Math.floor(v + 0.5) : v;
  const { min = -Infinity, max = Infinity } = field.range ?? {};
  const exact = field.type !== 'int' || Math.abs(n) <= 2 ** 53;
  return exact && n >= min && n <= max ? n : undefined;
}

const takes = {
  date: isDay,
  choice: (v, { options }) => options.some((o) => o.value === v),
  text: (v) => v !== '' && [...v].length <= 2000,
};

const days = (a, b) => (Date.parse(b) - Date.parse(a)) / 86400e3;

function years(a, b) {
  if (a > b) return -years(b, a) || 0;
  return Number(b.slice(0, 4)) - Number(a.slice(0, 4)) - Number(b.slice(4) < a.slice(4));
}
