// Links by which figures and records are taken along as files.
import { make } from './draw.js';
import { english, t } from './words.js';

// exports links to a file in each format; query says of what.
export function exports(path, query, formats) {
  const lang = english() ? 'en' : 'zh';
  const to = (parts) =>
    `${path}?${new URLSearchParams([...query, ...Object.entries({ ...parts, lang })])}`;
  return make(
    'p.exports',
    make('span', t('export')),
    formats.map(([name, parts]) => make('a', { href: to(parts), download: '' }, name)),
  );
}

export const excel = ['Excel', { format: 'xlsx' }];
export const parquet = ['Parquet', { format: 'parquet' }];
