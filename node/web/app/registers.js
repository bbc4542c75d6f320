// The county's own records, which no box writes: their lists, new ones, and changes.
import { button, make, replace, icon } from './draw.js';
import { address, ask } from './ask.js';
import { row } from './behind.js';
import { mint } from './draft.js';
import { questions } from './questions.js';
import { signature } from './signed.js';
import { announce, attempt } from './voice.js';
import { say, t } from './words.js';

const page = 50;

// openRegisters shows the list of the kind that the address names.
export async function openRegisters(main, kinds, query, signal) {
  const own = kinds.filter((k) => k.decide);
  const kind = own.find((k) => k.name === query.get('kind')) ?? own[0];
  const title = make('h1', { tabindex: '-1' }, t('registers'));
  if (!kind) {
    replace(main, title, make('p.nothing', t('noRegisters')));
    return;
  }
  const options = own.map((k) => make('option', { value: k.name, selected: k === kind }, say(k.title)));
  const choose = make('select', { id: 'register', 'aria-label': t('registers'), change: () => { location.hash = `#/registers?kind=${choose.value}`; } }, options);
  const sheet = make('div');
  const list = make('ul.own');
  const foot = make('div');
  const take = async (after) => {
    const { items, next } = await ask(`/api/records?kind=${kind.name}&limit=${page}&after=${after}`);
    if (signal.aborted) return;
    if (!after) list.replaceChildren();
    list.append(...items.map((item) => make('li', line(item))));
    const more = () => attempt(() => take(next));
    replace(foot, !list.children.length && make('p.nothing', t('noRecords')), next && button('.wide', '', t('loadMore'), more, { id: 'more' }));
  };
  const done = (said) => async () => {
    sheet.replaceChildren();
    announce(said);
    await take('');
  };
  const show = (node) => {
    replace(sheet, node);
    node.querySelector('input, select, textarea').focus();
  };
  const close = () => sheet.replaceChildren();
  const fresh = () => show(form(kind, kinds, undefined, done(t('registered')), close));
  const change = (item) => () => attempt(async () => show(form(kind, kinds, await ask(`/api/records/${address(item)}`), done(t('registerChanged')), close)));
  const line = (item) =>
    make('div.register', row(kinds, item), button('.quiet.small', 'pen', t('edit'), change(item), { id: `edit-${item.id}`, 'aria-label': `${t('edit')} ${item.id.slice(0, 8)}` }));
  replace(
    main, title, make('p.hint', t('registersWhy')),
    make('div.which', choose, button('.main', 'plus', t('newRegister'), fresh, { id: 'register-new' })),
    sheet, list, foot, make('p.hint', t('registersFile', { kind: kind.name })),
  );
  await attempt(() => take(''));
}

// form asks for a new record, or for changes of one that stands.
function form(kind, kinds, record, done, close) {
  const asked = questions(kind, kinds);
  const standing = record && Object.fromEntries(record.fields.map((f) => [f.name, shown(f)]));
  asked.write(standing);
  const by = signature('register', false);
  const id = mint(); // what is sent twice is one record
  const complaint = make('p.problem', { role: 'alert', hidden: true });
  const send = async (event) => {
    event.preventDefault();
    asked.controls.forEach((control) => control.complain(''));
    const who = new URLSearchParams(by.read());
    const now = asked.read();
    try {
      if (record) {
        const edits = changes(kind, record, standing, now);
        if (edits.length) await ask(`/api/records/${address(record)}?${who}`, { method: 'PATCH', body: { edits } });
      } else {
        await ask(`/api/records?kind=${kind.name}&${who}`, { method: 'POST', body: { id, ...now } });
      }
      await done();
    } catch (trouble) {
      if (!trouble.text) throw trouble;
      trouble.problems.forEach(({ field, text }) => asked.controls.get(field)?.complain(say(text)));
      const words = trouble.problems.map(({ field, text }) => {
        const of = asked.controls.get(field)?.field;
        return of ? t('problemAt', { title: say(of.title), text: say(text) }) : say(text);
      });
      replace(complaint, icon('alert'), ' ', words.join(t('then')) || say(trouble.text));
      complaint.hidden = false;
    }
  };
  const foot = make('div.foot', make('button.main', icon('save'), t('save')), button('.quiet', '', t('cancel'), close));
  return make(
    'form.sheet',
    { novalidate: true, submit: send, input: () => asked.look(), keydown: (event) => event.key === 'Escape' && close() },
    make('h2', t(record ? 'changeRegister' : 'newRegister')), complaint, make('div.fields', asked.nodes), by.node, foot,
  );
}

// shown is what stands in a field, as a form has it.
function shown({ merge, stands, versions }) {
  if (stands !== undefined) return stands;
  if (merge === 'set') return versions.map((v) => v.value);
  return merge === 'log' ? undefined : versions[0]?.value;
}

// changes are the edits that make of the record what the form says now. They name what
// the person saw, so that what another writes meanwhile stays beside it.
function changes(kind, record, standing, now) {
  return kind.fields.filter((f) => !f.is && !f.decide).flatMap(({ name: field, merge }) => {
    const [was, is] = [standing[field], now[field]];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    if (merge === 'log') return is === undefined ? [] : [{ field, append: is }];
    if (merge === 'set') {
      const [before, after] = [was ?? [], is ?? []];
      return [
        ...after.filter((v) => !before.includes(v)).map((add) => ({ field, add })),
        ...before.filter((v) => !after.includes(v)).map((remove) => ({ field, remove })),
      ];
    }
    const versions = record.fields.find((f) => f.name === field)?.versions ?? [];
    return [{ field, set: is ?? '', saw: versions.flatMap((v) => v.saw) }];
  });
}
