// Elements are made here and nowhere else: what people typed enters a page as
// text, never as markup.

// make returns an element named as in a style sheet: its tag and classes. A plain
// object among the first parts holds attributes; all other parts are contents.
export function make(name, ...parts) {
  const [tag, ...classes] = name.split('.');
  const node = document.createElement(tag);
  if (classes.length) node.className = classes.join(' ');
  const given = parts[0]?.constructor === Object ? parts.shift() : {};
  return fill(node, given, parts);
}

// button returns a button with a drawing, or none, and a word.
export function button(name, drawing, word, click, attributes = {}) {
  return make(
    `button${name}`,
    { type: 'button', click, ...attributes },
    drawing && icon(drawing),
    word,
  );
}

// fill gives a node attributes and contents. A function among the attributes
// listens, true and false say whether an attribute is there, and a name with two
// dashes is a property of style, since the page's policy allows no style in
// attributes. Contents that are nothing are left out.
function fill(node, attributes, contents) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === 'function') node.addEventListener(name, value);
    else if (name.startsWith('--')) node.style.setProperty(name, value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(
    ...contents.flat(Infinity).filter((c) => c !== undefined && c !== null && c !== false),
  );
  return node;
}

const paths = {
  alert: 'M12 4 2.8 20h18.4zM12 10v4.5M12 17.4v.01',
  back: 'M15 5l-7 7 7 7',
  chart: 'M5 20v-9M12 20V4M19 20v-6',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  clock: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4.5l3 2',
  close: 'M6 6l12 12M18 6 6 18',
  cut: 'M6 9.2a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM6 20.8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8.4 8.2 20 19M8.4 15.8 20 5',
  exchange: 'M4 9h15l-4-4M20 15H5l4 4',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1.2 1.2M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1.2-1.2',
  list: 'M9 6h11M9 12h11M9 18h11M4.5 6v.01M4.5 12v.01M4.5 18v.01',
  open: 'M10 5H5v14h14v-5M14 5h5v5M19 5l-9 9',
  pen: 'M4 20l1-5L16 4l4 4L9 19zM14 6l4 4',
  photo: 'M4 8h4l1.5-2.5h5L16 8h4v11H4zM12 16.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4',
  file: 'M6 3.5h8l4 4v13H6zM14 3.5v4h4M12 11v6M9 14h6',
  place: 'M4 11l8-7 8 7v9h-5.5v-5.5h-5V20H4z',
  play: 'M8 5.5 18.5 12 8 18.5z',
  plus: 'M12 5v14M5 12h14',
  power: 'M12 3.5V12M7 6.7a7.5 7.5 0 1 0 10 0',
  save: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  up: 'M12 20V5M6 11l6-6 6 6',
};

// drawn returns a part of a drawing, as make does of a page.
export function drawn(tag, attributes, ...contents) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, contents);
}

// icon returns a small drawing. It is for the eye only: words stand beside it.
export function icon(name) {
  const shown = { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true' };
  return drawn('svg', shown, drawn('path', { d: paths[name] }));
}

// replace puts new contents into a node and keeps the focus where it was, by id.
export function replace(node, ...contents) {
  const held = node.contains(document.activeElement) ? document.activeElement.id : '';
  node.replaceChildren();
  fill(node, {}, contents);
  if (held) document.getElementById(held)?.focus({ preventScroll: true });
}

// refresh is replace for what changes by itself while a person looks at it. What
// reads the same stays the same element, so that no button goes from under a
// finger and no table jumps back.
export function refresh(node, ...contents) {
  const held = node.contains(document.activeElement) ? document.activeElement.id : '';
  merge(node, fill(node.cloneNode(false), {}, contents));
  const focus = held && document.getElementById(held);
  if (focus && focus !== document.activeElement) focus.focus({ preventScroll: true });
}

function merge(old, fresh) {
  const before = [...old.childNodes];
  const after = [...fresh.childNodes];
  after.forEach((child, i) => {
    if (!before[i]) old.append(child);
    else if (before[i].isEqualNode(child)) return;
    else if (alike(before[i], child)) merge(before[i], child);
    else before[i].replaceWith(child);
  });
  before.slice(after.length).forEach((child) => child.remove());
}

// alike reports whether two elements differ in their contents only. What has an
// id may listen, and is put in place anew.
function alike(a, b) {
  return (
    a.nodeType === Node.ELEMENT_NODE && !a.id && a.cloneNode(false).isEqualNode(b.cloneNode(false))
  );
}
