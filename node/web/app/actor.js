// One process of a demonstration, and what can be done to it.
import { make, icon } from './draw.js';
import { ask } from './ask.js';
import { chip } from './show.js';
import { attempt } from './voice.js';
import { t } from './words.js';

// actor shows a process as it is now.
export function actor(node) {
  const { device, name, role, running, cut, process, web } = node;
  const act = (verb, word, drawing, tone = '') => make('button', { type: 'button', id: `${verb}-${device}`, class: `small ${tone}`, 'aria-label': `${t(word)} ${name}`,
    click: () => attempt(() => ask(`/api/stage/${device}/${verb}`, { method: 'POST', body: {} })) }, icon(drawing), t(word));
  return make('article', { class: `actor ${running ? '' : 'off'}`, id: `actor-${device}` },
    make('div', { class: 'head' }, make('h3', {}, name), standing(node)),
    make('p', { class: 'quiet small' }, account(node), running && make('span', { class: 'mono' }, ` #${process}`)),
    make('div', { class: 'acts' },
      role !== 'hub' && running && (cut ? act('restore', 'restoreLink', 'link', 'main') : act('cut', 'cutLink', 'cut')),
      running ? act('stop', 'stop', 'power') : act('start', 'start', 'play', 'main'),
      running && make('a', { class: 'button small', href: web, target: '_blank', rel: 'noopener', id: `open-${device}`, 'aria-label': `${t('openPage')} ${name}` }, t('openPage'), icon('open'))));
}

// standing says in one word how a process is.
function standing({ running, cut, status }) {
  if (!running) return chip(t('stopped'), 'calm', 'power');
  if (!status) return chip(t('silent'), 'bad', 'alert');
  if (cut) return chip(t('cut'), 'bad', 'cut');
  if (!status.hub) return chip(t('running'), 'good', 'check');
  const leads = status.hub.leader === status.device;
  return chip(t(leads ? 'leads' : 'follows'), leads ? 'good' : '', leads ? 'check' : '');
}

// account says what waits at a box, and how far a replica has counted.
function account({ status, running }) {
  if (!running || !status) return '—';
  if (status.hub) return `${t('commit')} ${status.hub.commit}`;
  return status.waiting ? make('strong', { class: 'waits' }, t('toSend', { n: status.waiting })) : t('nothingToSend');
}

// wire shows a box's way to the county.
export function wire({ running, cut, status }, hubs) {
  const there = hubs.some((h) => h.running);
  if (cut) return make('div', { class: 'wire cut', 'aria-hidden': 'true' }, icon('cut'));
  if (!running || !there || !status) return make('div', { class: 'wire off', 'aria-hidden': 'true' });
  return make('div', { class: `wire ${status.waiting ? 'busy' : ''}`, 'aria-hidden': 'true' });
}
