// The items, filtered by environment, kind and text, and the items that are due.

import { button, data, el, fill, select } from './dom.js';
import { newItem } from './form.js';
import { copyValue, showItem } from './item.js';
import { due, mayRead, mayWrite, store } from './store.js';
import { KINDS, ago, moment, outlook, plural, stamp } from './words.js';

const STEP = 200;
const chosen = { environment: '', kind: '', words: '', shown: STEP };

export function reset() {
  Object.assign(chosen, { environment: '', kind: '', words: '', shown: STEP });
}

function matches(item) {
  if (chosen.environment && item.environment !== chosen.environment) return false;
  if (chosen.kind && item.kind !== chosen.kind) return false;
  const text = [item.name, item.environment, item.note, item.provider, ...(item.tags ?? [])].join(' ').toLowerCase();
  return chosen.words.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function cell(label, kind, ...children) {
  return el('td', { role: 'cell', class: kind, 'data-label': label }, children);
}

function row(item, refresh) {
  const view = outlook(item);
  const changed = moment(item.updatedAt);
  const kind = KINDS.find(([kind]) => kind === item.kind)?.[1] ?? item.kind;
  const name = el('button', { type: 'button', class: 'link mono', 'data-key': `open ${item.objectId}`, onclick: () => showItem(item.objectId, refresh) }, data(item.name));
  const copy = button('Copy', () => copyValue(item), { class: 'quiet', 'data-key': `copy ${item.objectId}`, 'aria-label': `Copy ${item.name} of ${item.environment}` });
  return el('tr', { role: 'row' },
    el('th', { role: 'rowheader', scope: 'row', class: 'name' }, name, item.note ? data(item.note, { class: 'hint one-line' }) : null),
    cell('Kind', 'kind', el('span', { class: `badge ${item.kind}` }, kind)),
    cell('Environment', 'environment', data(item.environment)),
    cell('Changed', 'changed', el('time', { datetime: changed.toISOString(), title: `${stamp(changed)} by ${item.updatedBy}` }, ago(changed))),
    cell('Due', 'due', view ? el('span', { class: `level ${view.level}` }, view.text) : el('span', { class: 'hint' }, '–')),
    cell('', 'do', copy));
}

function table(items, refresh, caption) {
  const head = ['Name', 'Kind', 'Environment', 'Changed', 'Due'].map((name) => el('th', { role: 'columnheader', scope: 'col' }, name));
  head.push(el('th', { role: 'columnheader', scope: 'col' }, el('span', { class: 'unseen' }, 'Actions')));
  return el('table', { role: 'table', class: 'items' },
    el('caption', { class: 'unseen' }, caption),
    el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, head)),
    el('tbody', { role: 'rowgroup' }, items.map((item) => row(item, refresh))));
}

function environments(render) {
  const choose = (name) => {
    Object.assign(chosen, { environment: name, shown: STEP });
    render();
  };
  const one = (name, label, count, note) => el('li', {}, el('button', {
    type: 'button', class: 'env', 'data-key': `env ${name}`, 'aria-current': chosen.environment === name ? 'true' : null,
    onclick: () => choose(name),
  }, data(label), note ? el('span', { class: 'lock' }, note) : null, el('span', { class: 'count' }, count)));
  const counted = (name) => store.items.filter((item) => item.environment === name).length;
  const readable = store.environments.filter((one) => mayRead(one.name));
  return [
    one('', 'All', String(store.items.length)),
    ...readable.map((found) => one(found.name, found.name, String(counted(found.name)), found.protected ? 'protected' : null)),
  ];
}

/** Puts the view of all items into `main`. */
export function show(main, refresh) {
  const search = el('input', { type: 'search', value: chosen.words, placeholder: 'Search', 'aria-label': 'Search items by name, note or tag', id: 'search', autocomplete: 'off', spellcheck: 'false', 'aria-keyshortcuts': '/' });
  const kind = select([['', 'All kinds'], ...KINDS], chosen.kind, { 'aria-label': 'Kind' });
  const list = el('ul', { class: 'envs' });
  const place = el('div', { class: 'list' });
  const count = el('p', { class: 'hint', role: 'status' });
  const add = button('New item', () => newItem(chosen.environment, refresh), { class: 'primary', 'data-key': 'new' });
  const render = () => {
    const found = store.items.filter(matches);
    fill(list, environments(render));
    count.textContent = plural(found.length, 'item');
    const writable = store.environments.some((one) => mayWrite(one.name) && (!chosen.environment || chosen.environment === one.name));
    add.hidden = !writable;
    const more = found.length > chosen.shown && button(`Show ${Math.min(STEP, found.length - chosen.shown)} more`, () => {
      chosen.shown += STEP;
      render();
    }, { 'data-key': 'more' });
    const nothing = store.items.length ? 'Nothing matches.' : 'No items yet.';
    fill(place, found.length ? table(found.slice(0, chosen.shown), refresh, 'Items') : el('p', { class: 'nothing' }, nothing), more);
  };
  search.addEventListener('input', () => {
    Object.assign(chosen, { words: search.value, shown: STEP });
    render();
  });
  kind.addEventListener('change', () => {
    Object.assign(chosen, { kind: kind.value, shown: STEP });
    render();
  });
  main.replaceChildren(el('div', { class: 'split' },
    el('nav', { class: 'side', 'aria-label': 'Environments' }, el('h2', {}, 'Environments'), list),
    el('section', { 'aria-label': 'Items' }, el('h1', { class: 'unseen' }, 'Items'),
      el('div', { class: 'tools', role: 'search' }, search, kind, add), count, place)));
  render();
  return { update: render };
}

/** Puts the view of the items that are due into `main`. */
export function showDue(main, refresh) {
  const place = el('div', { class: 'list' });
  const render = () => {
    const items = due();
    fill(place, items.length ? table(items, refresh, 'Items due for replacement') : el('p', { class: 'nothing' }, 'Nothing is due within a week.'));
  };
  main.replaceChildren(el('section', { class: 'one', 'aria-labelledby': 'due-title' },
    el('h1', { id: 'due-title' }, 'Due'),
    el('p', { class: 'hint' }, 'Expired, expiring or due within a week, or known to somebody who lost access.'), place));
  render();
  return { update: render };
}
