// The database that a replica keeps in step, as it stands.
import { make } from './draw.js';
import { ago, chip, tiles } from './show.js';
import { t } from './words.js';

const states = {
  current: ['good', 'check', 'sinkCurrent'],
  writing: ['move', 'exchange', 'sinkWriting'],
  standby: ['calm', 'exchange', 'sinkStandby'],
  failed: ['bad', 'alert', 'sinkFailed'],
};

// database shows how it stands, what it lacks, and why the last try failed.
export function database({ state, database: name = '', known, batches, records, ahead = 0, rows, current, error, failed_at: failed }) {
  const [tone, drawing, word] = states[state];
  const facts = [[t('sinkRows'), rows]];
  if (state !== 'standby') {
    facts.unshift(
      [t('sinkCurrentAt'), ago(current)],
      [t('sinkLag'), known ? t('sinkLagOf', { records, batches }) : '—'],
    );
  }
  return make(
    'section.sheet.database',
    make('div.head', make('h2', t('database')), chip(t(word), tone, drawing)),
    make('p.hint', name && make('span.mono', name)),
    tiles(facts),
    ahead > 0 && make('p.problem', t('sinkAhead', { n: ahead })),
    error && make('p.problem', t('sinkError', { when: ago(failed) }), make('span.mono', error)),
  );
}
