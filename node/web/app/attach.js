// Sending photos and files to the node. A small picture goes ahead of each photo:
// it is there at once, and it carries none of what a camera hides in its files.
import { sendFile } from './ask.js';
import { make, icon } from './draw.js';
import { english, t } from './words.js';

// The previews: their longer edge in pixels and their quality, tried in order
// until one is small enough for any link.
const previews = [
  [360, 0.7],
  [240, 0.6],
  [120, 0.5],
];
const previewMax = 48 << 10; // bytes; the node takes 64 KiB

// attach sends a file, and returns it as a form names it.
export async function attach(file) {
  const small = await preview(file);
  const sent = small && (await sendFile(small));
  const whole = await sendFile(file);
  return sent ? { ...whole, preview: sent } : whole;
}

// preview draws a photo small. What is small already, or is no picture that this
// browser can draw, has none.
async function preview(file) {
  if (!file.type.startsWith('image/') || file.size <= previewMax / 2) return undefined;
  const picture = await createImageBitmap(file).catch(() => undefined);
  if (!picture) return undefined;
  for (const [edge, quality] of previews) {
    const scale = Math.min(1, edge / Math.max(picture.width, picture.height));
    const canvas = make('canvas', {
      width: Math.max(1, Math.round(picture.width * scale)),
      height: Math.max(1, Math.round(picture.height * scale)),
    });
    canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
    const drawn = await new Promise((done) => {
      canvas.toBlob(done, 'image/jpeg', quality);
    });
    if (drawn && drawn.size <= Math.min(previewMax, file.size)) return drawn;
  }
  return undefined;
}

// size returns how large a file is, in words.
export function size(bytes) {
  const [unit, n] = bytes < 1 << 20 ? ['KB', bytes && Math.max(1, bytes / 1024)] : ['MB', bytes / (1 << 20)];
  const digits = { maximumFractionDigits: n < 10 ? 1 : 0 };
  const amount = new Intl.NumberFormat(english() ? 'en' : 'zh-CN', digits).format(n);
  return `${amount} ${unit}`;
}

const sorts = {
  'application/pdf': 'PDF',
  'application/zip': 'ZIP',
  'text/plain': 'TXT',
};

const about = (file) => `${sorts[file.media] ?? t('photo')} · ${size(file.size)}`;

// sketch says what a file is where it is not to be seen.
export function sketch(file) {
  return make('span.tile', icon(file.media.startsWith('image/') ? 'photo' : 'file'), make('span', about(file)));
}

// tile shows a file: its picture, or what it is, as a way to the whole of it.
// A picture that has not come yet says so.
export function tile(file) {
  const said = about(file);
  const way = { href: `/api/files/${file.root}`, target: '_blank', rel: 'noopener', title: said };
  if (!file.media.startsWith('image/'))
    return make('a.tile', way, icon('file'), make('span', said));
  const shown = make('img', {
    src: `/api/files/${(file.preview ?? file).root}`,
    alt: said,
    loading: 'lazy',
  });
  shown.addEventListener(
    'error',
    () => shown.replaceWith(icon('photo'), make('span', t('notCome'))),
    { once: true },
  );
  return make('a.tile', way, shown);
}
