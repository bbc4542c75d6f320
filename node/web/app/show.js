// How moments, values and levels read.
import { make, icon } from './draw.js';
import { now } from './ask.js';
import { english, say, t } from './words.js';

// China keeps one time; what a page says of a moment must not depend on the
// zone that a browser believes in.
const timeZone = 'Asia/Shanghai';
const eightHours = 8 * 3600e3;

// moment returns a moment in milliseconds since 1970 as a day and a time.
export function moment(ms) {
  const year = new Date(ms + eightHours).getUTCFullYear() === new Date(now() + eightHours).getUTCFullYear();
  return new Intl.DateTimeFormat(english() ? 'en-GB' : 'zh-CN', {
    timeZone, month: english() ? 'short' : 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit',
    hourCycle: 'h23', ...(year ? {} : { year: 'numeric' }),
  }).format(ms);
}

// wall returns a moment as a date and time control holds it.
export function wall(ms) {
  return new Date(ms + eightHours).toISOString().slice(0, 16);
}

// day returns the calendar day of a moment, such as 2026-11-22.
export function day(ms) {
  return wall(ms).slice(0, 10);
}

// ago returns how long ago an RFC 3339 moment was, or that it never was. The
// hour may be off by a clock, but never lies in the future.
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
  if (Array.isArray(stored)) return stored.map((one) => value(field, one)).join(english() ? ', ' : '、');
  if (field?.type === 'instant' && typeof stored === 'number') return moment(stored);
  if (typeof stored === 'boolean') return t(stored ? 'yes' : 'no');
  const option = field?.options?.find((o) => o.value === stored);
  return option ? say(option.title) : String(stored);
}

// code spaces the digits of an area by its levels, as people read them.
export function code(area) {
  return String(area).match(/^(\d{6})(\d{3})?(\d{3})?(\d+)?$/)?.slice(1).filter(Boolean).join(' ') ?? String(area);
}

const levels = ['saved', 'box', 'county'];
const levelWords = { saved: 'levelSaved', box: 'levelBox', county: 'levelCounty' };

// track shows how far something has come: three dots, and the word.
export function track(level) {
  const reached = levels.indexOf(level);
  return make('span', { class: `track ${level}`, title: t('levels') },
    make('span', { class: 'dots', 'aria-hidden': 'true' },
      levels.map((_, i) => make('i', { class: i <= reached ? 'on' : '' }))),
    make('span', {}, levelWords[level] ? t(levelWords[level]) : level));
}

// chip returns a small label, with a drawing beside the word.
export function chip(text, tone = '', drawing = '') {
  return make('span', { class: `chip ${tone}` }, drawing && icon(drawing), text);
}

// rank returns the class of a space as a label.
export function rank(name) {
  return chip({ open: t('open'), personal: t('personal'), confidential: t('confidential') }[name] ?? name, name);
}

// hold shows a short text of many digits, so that columns of them line up.
export function mono(text) {
  return make('span', { class: 'mono' }, text);
}
