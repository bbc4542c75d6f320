// How the exchange with the county and the neighbours stands: what waits, what
// a person has to do, and what each machine has and lacks.
import { make, refresh, replace, icon } from './draw.js';
import { size } from './attach.js';
import { ago, chip } from './show.js';
import { follow, state } from './status.js';
import { dealt, troubles } from './trouble.js';
import { say, t } from './words.js';

// openExchange shows it, and keeps the page up to date.
export function openExchange(main, signal) {
  const body = make('div.cards');
  replace(main, make('h1.unseen', { tabindex: '-1' }, t('exchange')), body);
  follow((account) => {
    if (account.status && !body.querySelector('form')) refresh(body, sheets(account));
  }, signal);
}

function sheets(account) {
  const { status } = account;
  return [
    summary(account),
    troubles(status.troubles),
    dealt(status.dealt),
    peers(status.peers ?? [], t('neighbours'), balance),
  ];
}

// summary is the light in full.
function summary(account) {
  const { status } = account;
  const { tone, drawing, word, n, kb } = state(account);
  const { unsent = {}, files = {} } = status;
  const facts = {
    unsentNow: status.waiting ? waits(status, unsent) : t('nothingUnsent'),
    unsentPhotos: photosWait(unsent, status.waiting),
    heardHub: ago(status.heard_hub),
    heardPeers: ago(status.heard_box),
    filesToCome: files.missing > 0 && t('fileMissing', { n: files.missing }),
  };
  return make(
    'section.sheet.summing',
    make(`p.light.${tone}`, icon(drawing), t(word, { n, kb })),
    make(
      'dl.pairs',
      Object.entries(facts)
        .filter(([, fact]) => fact)
        .map(([name, fact]) => [make('dt', t(name)), make('dd', fact)]),
    ),
    make('p.hint', t('lightWhy')),
  );
}

function waits({ waiting }, { bytes = 0, since, records = {} }) {
  return [t('unsentFacts', { n: waiting, size: size(bytes), ago: ago(since) }), wayTo(records)];
}

// photosWait says which photos and files wait, and whether their previews do.
function photosWait(unsent, waiting) {
  const { files = 0, previews = 0, file_bytes: bytes = 0, records = {} } = unsent;
  if (files + previews === 0) return undefined;
  const word = previews > 0 ? 'unsentPhotosFacts' : 'originalsOnly';
  const all = [files > 0 && t('photos', { n: files }), previews > 0 && t('previews', { n: previews })];
  return [t(word, { n: all.filter(Boolean).join(t('and')), size: size(bytes) }), !waiting && wayTo(records)];
}

// wayTo leads to the records of which something waits.
function wayTo(records) {
  const [kind] = Object.keys(records);
  return [
    kind && [' ', make('a.nowrap', { href: `#/records/${kind}/waiting` }, t('showUnsent'))],
  ];
}

// peers lists the other machines as this one sees them, the county first, and what
// more says of each.
export function peers(all, title, more = () => undefined) {
  const order = all.toSorted(
    (a, b) => (b.role === 'hub') - (a.role === 'hub') || a.device - b.device,
  );
  const body = all.length ? make('ul.peers', order.map((one) => peer(one, more(one)))) : make('p.nothing', t('noPeers'));
  return make('section.sheet', make('h2', title), body);
}

function peer({ device, name, role, connected, heard, rtt_ms: rtt, failed, skew_s: skew }, more) {
  const delay = connected && rtt > 0 ? ` · ${Math.round(rtt)} ms` : '';
  return make(
    'li',
    make(`span.lamp${connected ? '' : '.off'}`, { 'aria-hidden': 'true' }),
    make(
      'span',
      make('strong', name || `${t('device')} ${device}`),
      make('span.quiet', ` ${t(role === 'hub' ? 'hubName' : 'boxName')}`),
    ),
    make('span.quiet', t(connected ? 'connected' : 'disconnected'), delay),
    make(
      'span.quiet',
      heard ? `${t('lastHeard')} ${ago(heard)}` : t('never'),
      more && ` · ${more}`,
      Math.abs(skew ?? 0) >= clockFar && chip(t('clockOff'), 'bad', 'alert'),
      failed && make('span.failed', say(failed)),
    ),
  );
}

const clockFar = 600; // seconds

// balance says in words what each side lacks of the other.
function balance({ greeted, lacks, wants, left }) {
  if (!greeted) return t('notExchanged');
  if (left) return underWay(left);
  if (!lacks && !wants) return t('evenWith');
  return [lacks > 0 && t('peerLacks', { n: lacks }), wants > 0 && t('weLack', { n: wants })]
    .filter(Boolean)
    .join(' · ');
}

// underWay says how much is still to go in a conversation, and about how long that takes.
function underWay({ send, receive, seconds }) {
  const time = seconds && (seconds < 90 ? t('secondsLeft', { n: Math.ceil(seconds) }) : t('minutesLeft', { n: Math.round(seconds / 60) }));
  return [send > 0 && t('leftToSend', { n: send }), receive > 0 && t('leftToReceive', { n: receive }), time]
    .filter(Boolean)
    .join(' · ');
}
