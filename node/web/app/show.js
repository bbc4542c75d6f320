// How moments, values and levels read.
import { make, icon } from './draw.js';
import { now } from './ask.js';
import { english, say, t } from './words.js';

// China keeps one time; what a page says of a moment must not depend on the
// zone that a browser believes in.
const timeZone = 'Asia/Shanghai';
const eightHours = 8 * 3600e3;

// moment returns a moment in milliseconds since 1970 as a day and a time, with
// the year unless it is this one.
export function moment(ms) {
  const parts = {
    month: english() ? 'short' : 'numeric',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  };
  if (day(ms).slice(0, 4) !== day(now()).slice(0, 4)) parts.year = 'numeric';
  const format = new Intl.DateTimeFormat(english() ? 'en-GB' : 'zh-CN', {
    timeZone,
    hourCycle: 'h23',
    ...parts,
  });
  return format.format(ms);
}

// wall returns a moment as a date and time control holds it.
export function wall(ms) {
  return new Date(ms + eightHours).toISOString().slice(0, 16);
}

// day returns the calendar day of a moment, such as 2026-11-22.
export function day(ms) {
  return wall(ms).slice(0, 10);
}

// ago returns how long ago an RFC 3339 moment was, or that it never was. Clocks
// may differ a little, but nothing was heard in the future.
export function ago(text) {
  if (!text) return t('never');
  const seconds = Math.max(0, (now() - Date.parse(text)) / 1000);
  const format = new Intl.RelativeTimeFormat(english() ? 'en' : 'zh-CN', { numeric: 'auto' });
  if (seconds < 10) return format.format(0, 'second');
  if (seconds < 60) return format.format(-10 * Math.floor(seconds / 10), 'second');
  if (seconds < 3600) return format.format(-Math.floor(seconds / 60), 'minute');
  if (seconds < 86400) return format.format(-Math.floor(seconds / 3600), 'hour');
  return format.format(-Math.floor(seconds / 86400), 'day');
}

// value returns how a field's stored value reads.
export function value(field, stored) {
  if (stored === undefined || stored === null || stored === '') return '';
  if (Array.isArray(stored))
    return stored.map((one) => value(field, one)).join(english() ? ', ' : '、');
  if (field?.type === 'instant' && typeof stored === 'number') return moment(stored);
  if (typeof stored === 'boolean') return t(stored ? 'yes' : 'no');
  if (typeof stored === 'object') return stored.media ?? '';
  const option = field?.options?.find((o) => o.value === stored);
  return option ? say(option.title) : String(stored);
}

// called returns what a record is called: its choices are the headline, for they say
// what it is about; then the words that say who.
export function called(kind, item) {
  const read = (wanted) =>
    kind.fields
      .filter(wanted)
      .map((f) => value(f, item.values[f.name]))
      .filter(Boolean)
      .join(' · ');
  const headline = read((f) => ['choice', 'ladder'].includes(f.type) && f.required);
  const named = (f) => f.type === 'text' || (f.guarded && f.type !== 'decimal');
  const words = read((f) => named(f) && !(f.guarded && f.multiline)); // of which a list says that there is one
  return { headline, words };
}

// reading returns how a version of a field reads; the node's own label knows
// options that this page does not.
export function reading(field, version) {
  return say(version.label) || value(field.of, version.value);
}

// code spaces the digits of an area by its levels, as people read them.
export function code(area) {
  const levels = String(area).match(/^(\d{6})(\d{3})?(\d{3})?(\d+)?$/);
  return levels ? levels.slice(1).filter(Boolean).join(' ') : String(area);
}

const levels = { saved: 'levelSaved', box: 'levelBox', county: 'levelCounty' };

// track shows how far something has come: three dots, and the word.
export function track(level, owed) {
  const names = Object.keys(levels);
  const dots = names.map((_, i) => make(i <= names.indexOf(level) ? 'i.on' : 'i'));
  return make(
    `span.track.${level}${owed ? '.owing' : ''}`,
    { title: t('levels') },
    make('span.dots', { 'aria-hidden': 'true' }, dots),
    make('span', levels[level] ? t(levels[level]) : level, owed && owing(owed)),
  );
}

// owing says which of a record's photos and files have not reached the county.
function owing({ originals = 0, previews = 0, shown = 0 }) {
  if (originals === 0) return t('owedPreviews', { n: previews });
  return [t('owedPhotos', { n: originals }), shown > 0 && t('previewsThere', { n: shown })];
}

// byline says who wrote a version, when, and how far it has come.
export function byline({ device, at, level }, what = '') {
  return make('p.byline', `${device} ${what} · ${moment(at)}`, track(level));
}

// chip returns a small label, with a drawing beside the word.
export function chip(text, tone = '', drawing = '') {
  return make(`span.chip.${tone}`, drawing && icon(drawing), text);
}

// seal marks what stands in its record and nowhere else.
export function seal(field) {
  return field?.sealed && make('span', { title: t('sealedWhy') }, chip(t('sealed'), 'calm'));
}

const ranks = new Set(['open', 'personal', 'confidential']);

// rank returns the class of a space as a label.
export function rank(name) {
  return chip(ranks.has(name) ? t(name) : name, name);
}

// tiles shows facts by their words, the facts large.
export function tiles(facts) {
  return make(
    'dl.tiles',
    facts.map(([word, fact]) => make('div', make('dt', word), make('dd', String(fact)))),
  );
}

// number writes a figure, which is in units of its last decimal place, as people
// write large ones.
export function number(n, decimals = 0) {
  const places = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat(english() ? 'en' : 'zh-CN', places).format(n / 10 ** decimals);
}

// mono returns a short text of many digits, so that columns of them line up.
export function mono(text) {
  return make('span.mono', text);
}
