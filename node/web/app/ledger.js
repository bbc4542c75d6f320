// A bounded counter is a stock that is never below zero: each box spends what it
// has the right to, and can hand that right on.
import { button, make } from './draw.js';
import { chip, number, track } from './show.js';
import { say, t } from './words.js';

const nothing = { balance: 0, rights: 0, holders: [] };

// ledger shows what is left, how much of it this box may spend, who has the rest,
// and the ways to earn, spend and hand on.
export function ledger(field, { write }) {
  const { balance, rights, holders } = field.ledger ?? nothing;
  const own = t('rightsHere', { n: number(rights) });
  return [
    make('div.now', make('b.figure', number(balance)), write && chip(own, rights > 0 ? 'good' : 'calm')),
    write && field.of && dealings(field, holders, write),
    make('ul.holders', holders.filter((h) => h.at || h.rights).map(holder)),
  ];
}

function holder(h) {
  const told = t('holder', {
    rights: number(h.rights),
    earned: number(h.earned),
    spent: number(h.spent),
  });
  const doubts = { waiting: ['wait', 'grantOnWay'], faulty: ['bad', 'overdrawn'] };
  const [tone, word] = doubts[h.standing] ?? [];
  return make(
    'li.byline',
    make('span', `${h.device}${h.here ? `（${t('here')}）` : ''} · ${told}`),
    word && chip(t(word, { n: number(h.overdrawn) }), tone, 'alert'),
    h.level && track(h.level),
  );
}

function dealings({ name, title }, holders, write) {
  const words = say(title, name);
  const amount = make('input', {
    type: 'number',
    min: '1',
    step: '1',
    id: `amount-${name}`,
    'aria-label': t('amount'),
    placeholder: t('amount'),
  });
  const node = make('div.dealings', amount);
  amount.addEventListener('input', () => node.toggleAttribute('data-open', amount.value !== ''));
  const deal = (sign, edit = {}) => {
    const n = amount.valueAsNumber;
    if (!Number.isSafeInteger(n) || n < 1) amount.focus();
    else write({ field: name, plus: sign * n, ...edit }, t('changed', { title: words }));
  };
  const others = holders.filter((h) => !h.here);
  const options = others.map((h) => make('option', { value: h.writer }, h.device));
  const to = make(
    'select',
    { id: `to-${name}`, 'aria-label': t('handTo') },
    make('option', { value: '' }, t('handTo')),
    options,
  );
  const hand = () => (to.value ? deal(1, { to: to.value }) : to.focus());
  node.append(
    button('', 'plus', t('earn'), () => deal(1), { id: `earn-${name}` }),
    button('', '', t('spend'), () => deal(-1), { id: `spend-${name}` }),
    ...(others.length ? [to, button('.quiet', '', t('handOn'), hand, { id: `hand-${name}` })] : []),
  );
  return node;
}
