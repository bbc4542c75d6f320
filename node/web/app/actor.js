// One process of a demonstration, and what can be done to it.
import { button, make, icon } from './draw.js';
import { ask } from './ask.js';
import { chip, mono } from './show.js';
import { attempt } from './voice.js';
import { t } from './words.js';

// actor shows a process as it is now. Hurry shows it again after it was told what
// to do.
export function actor(node, hurry) {
  const { device, name, role, running, cut, process, web } = node;
  const act = (verb, word, drawing, tone = '') => {
    const tell = async () => {
      await ask(`/api/stage/${device}/${verb}`, { method: 'POST', body: {} });
      await hurry();
    };
    const label = { id: `${verb}-${device}`, 'aria-label': `${t(word)} ${name}` };
    return button(`.small${tone}`, drawing, t(word), () => attempt(tell), label);
  };
  const link = cut ? act('restore', 'join', 'link', '.main') : act('cut', 'sever', 'cut');
  const power = running ? act('stop', 'stop', 'power') : act('start', 'start', 'play', '.main');
  const label = { id: `open-${device}`, 'aria-label': `${t('openPage')} ${name}` };
  const page = { href: web, target: '_blank', rel: 'noopener', ...label };
  return make(
    `article.actor${running ? '' : '.off'}`,
    make('div.head', make('h3', name), standing(node)),
    make('p.quiet.small', account(node), running && mono(` #${process}`)),
    make(
      'div.acts',
      running && role !== 'hub' && link,
      power,
      running && make('a.button.small', page, t('openPage'), icon('open')),
    ),
  );
}

// standing says in one word how a process is.
function standing({ running, cut, status }) {
  if (!running) return chip(t('stopped'), 'calm', 'power');
  if (!status) return chip(t('silent'), 'bad', 'alert');
  if (cut) return chip(t('cut'), 'bad', 'cut');
  if (!status.hub) return chip(t('running'), 'good', 'check');
  return status.hub.leader === status.device
    ? chip(t('leads'), 'good', 'check')
    : chip(t('follows'));
}

// account says what waits at a box, and how far a replica has counted.
function account({ status, running }) {
  if (!running || !status) return '—';
  if (status.hub) return `${t('commit')} ${status.hub.commit}`;
  return status.waiting
    ? make('strong.waits', t('toSend', { n: status.waiting }))
    : t('nothingToSend');
}

// wire shows a box's way to the county. The card beside it says the same in words.
export function wire({ running, cut, status }, hubs) {
  const hidden = { 'aria-hidden': 'true' };
  if (cut) return make('div.wire.cut', hidden, icon('cut'));
  if (!running || !status || !hubs.some((h) => h.running)) return make('div.wire.off', hidden);
  return make(status.waiting ? 'div.wire.busy' : 'div.wire', hidden);
}
