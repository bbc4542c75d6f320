// What a node tells of itself: whom it knows, what it holds, and what was not
// taken from it.
import { make, replace, icon } from './draw.js';
import { ask } from './ask.js';
import { ago, chip, code, mono, rank } from './show.js';
import { follow } from './status.js';
import { attempt } from './voice.js';
import { t } from './words.js';

// openPlace shows this box and keeps the page up to date.
export function openPlace(main, signal) {
  const body = make('div', { class: 'cards' });
  replace(main, make('h1', { class: 'unseen', tabindex: '-1' }, t('place')), body);
  follow(({ status }) => status && replace(body,
    status.refused?.length > 0 && refusals(status.refused),
    status.demo && link(status),
    peers(status.peers ?? [], t('neighbours')), spaces(status.spaces ?? []), machine(status)), signal);
}

function section(title, why, ...body) {
  return make('section', { class: 'sheet' }, make('h2', {}, title), why && make('p', { class: 'hint' }, why), body);
}

// peers lists the other machines as this one sees them.
export function peers(all, title) {
  if (!all.length) return section(title, '', make('p', { class: 'nothing' }, t('noPeers')));
  const rows = all.toSorted((a, b) => (b.role === 'hub') - (a.role === 'hub') || a.device - b.device).map((p) => make('li', { class: 'peer' },
    make('span', { class: `lamp ${p.connected ? 'good' : 'off'}`, 'aria-hidden': 'true' }),
    make('span', { class: 'who' }, make('strong', {}, p.name || `${t('device')} ${p.device}`), ' ', make('span', { class: 'quiet' }, t(p.role === 'hub' ? 'hubName' : 'boxName'))),
    make('span', { class: 'quiet' }, t(p.connected ? 'connected' : 'apart'), p.connected && p.rtt_ms > 0 ? ` · ${Math.round(p.rtt_ms)} ms` : ''),
    make('span', { class: 'quiet' }, `${t('lastHeard')} ${ago(p.heard)}`)));
  return section(title, '', make('ul', { class: 'peers' }, rows));
}

// spaces lists what the node holds, with the digest by which people compare.
export function spaces(all) {
  if (!all.length) return section(t('spaces'), '', make('p', { class: 'nothing' }, t('noSpaces')));
  const head = ['area', 'digest', 'recordCount', 'batchCount', 'countyCount'];
  const rows = all.map((s) => {
    const [area, name] = s.space.split('/');
    return make('tr', {},
      make('th', { scope: 'row' }, mono(code(area)), ' ', rank(name), !s.held && make('span', { class: 'quiet small' }, t('notHeld'))),
      make('td', {}, make('span', { class: 'mono', title: s.digest }, (s.digest ?? '').slice(0, 8))),
      [s.records, s.batches].map((n) => make('td', { class: 'number' }, String(n))),
      make('td', { class: 'number' }, `${s.county}`, s.county >= s.batches ? make('span', { class: 'all' }, icon('check')) : ''));
  });
  return section(t('spaces'), t('spacesWhy'), make('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': t('spaces') },
    make('table', {}, make('thead', {}, make('tr', {}, head.map((h, i) => make('th', { scope: 'col', class: i > 1 && 'number' }, t(h))))), make('tbody', {}, rows))));
}

function refusals(all) {
  return make('section', { class: 'sheet alarm' }, make('h2', {}, icon('alert'), t('refusals')), make('ul', {}, all.map((r) => make('li', {},
    make('strong', {}, r.reason), ' ', make('span', { class: 'quiet' }, mono(r.space), ' · ', mono(r.writer), ' · ', t('refusalFrom', { n: r.from }))))));
}

function link({ cut }) {
  const change = () => attempt(() => ask('/api/link', { method: 'POST', body: { cut: !cut } }));
  return make('section', { class: `sheet cable ${cut ? 'cut' : ''}` }, make('h2', {}, t('demoLink')),
    make('div', { class: 'now' }, chip(t(cut ? 'linkCut' : 'linkUp'), cut ? 'bad' : 'good', cut ? 'cut' : 'link'),
      make('button', { type: 'button', id: 'link', class: cut ? 'main' : '', click: change }, icon(cut ? 'link' : 'cut'), t(cut ? 'restoreLink' : 'cutLink'))),
    make('p', { class: 'hint' }, t('linkWhy')));
}

function machine(status) {
  const facts = [['device', `${status.name} · ${status.device}`], ['address', status.link], ['process', status.process], ['since', ago(status.started)]];
  return section(t('machine'), '', make('dl', { class: 'pairs' }, facts.map(([name, fact]) => [make('dt', {}, t(name)), make('dd', {}, String(fact))])));
}
