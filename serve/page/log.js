// The access log, updated as it grows.

import * as api from './api.js';
import { button, data, el, fill, problem, select } from './dom.js';
import { userName } from './store.js';
import { moment, plural, stamp } from './words.js';

const STEP = 100;
const MOST = 1000;

function row(entry, isNew) {
  const time = moment(entry.accessTime);
  const cell = (label, ...children) => el('td', { role: 'cell', 'data-label': label }, children);
  const outcome = entry.outcome === 'ok' ? null : el('span', { class: 'level bad' }, ` ${entry.outcome}`);
  const items = entry.secrets.length > 4 ? plural(entry.secrets.length, 'item') : entry.secrets.join(', ');
  return el('tr', { role: 'row', class: isNew ? 'new' : null },
    cell('Time', el('time', { datetime: time.toISOString(), class: 'mono' }, stamp(time))),
    cell('User', data(userName(entry.user))),
    cell('Action', data(entry.action), outcome),
    cell('What', data([entry.environment, items].filter(Boolean).join(' / '), { class: 'mono', title: entry.secrets.join(', ') })),
    cell('Program', data(entry.program)),
    cell('Note', entry.reason ? data(entry.reason) : entry.note ? data(entry.note, { class: 'hint' }) : ''));
}

/** Compares two entries, newest first. Times are in whole seconds; within one second of one device, the numbers decide. */
function newestFirst(a, b) {
  return moment(b.accessTime) - moment(a.accessTime) || (a.device === b.device ? b.number - a.number : 0);
}

/** Puts the log into `main`. `update` loads new entries. */
export function show(main) {
  let limit = STEP;
  let entries = [];
  let known = null;
  const place = el('div', { class: 'list' }, el('p', { class: 'nothing' }, 'Loading…'));
  const news = el('p', { class: 'unseen', role: 'status' });
  const state = el('p', { class: 'hint live' });
  const action = select([['', 'All actions']], '', { 'aria-label': 'Action' });
  const words = el('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter the log', autocomplete: 'off', spellcheck: 'false' });

  const render = (fresh = new Set()) => {
    const names = [...new Set(entries.map((entry) => entry.action))].sort();
    const before = action.value;
    const options = select([['', 'All actions'], ...names.map((name) => [name, name])], before).options;
    action.replaceChildren(...options);
    action.value = before;
    const text = (entry) => [userName(entry.user), entry.action, entry.environment, ...entry.secrets, entry.program, entry.reason, entry.note, entry.outcome].join(' ').toLowerCase();
    const found = entries.filter((entry) => (!action.value || entry.action === action.value) && text(entry).includes(words.value.toLowerCase()));
    const head = ['Time', 'User', 'Action', 'What', 'Program', 'Note'].map((name) => el('th', { role: 'columnheader', scope: 'col' }, name));
    const more = entries.length >= limit && limit < MOST && button('Show older entries', async () => {
      limit = Math.min(limit + STEP, MOST);
      await update();
    }, { 'data-key': 'older' });
    const table = el('table', { role: 'table', class: 'log' }, el('caption', { class: 'unseen' }, 'Access log, newest first'),
      el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, head)),
      el('tbody', { role: 'rowgroup' }, found.map((entry) => row(entry, fresh.has(entry.objectId)))));
    fill(place, found.length ? table : el('p', { class: 'nothing' }, 'Nothing matches.'), more);
  };

  const update = async () => {
    const latest = (await api.log(limit)).sort(newestFirst);
    if (!place.isConnected) return;
    const fresh = new Set(latest.map((entry) => entry.objectId).filter((id) => known && !known.has(id)));
    const isChanged = latest.length !== entries.length || latest[0]?.objectId !== entries[0]?.objectId;
    const isLonger = known && latest.length - known.size > fresh.size;
    known = new Set(latest.map((entry) => entry.objectId));
    entries = latest;
    if (isChanged) render(isLonger ? new Set() : fresh);
    if (fresh.size && !isLonger) news.textContent = fresh.size === 1 ? '1 new entry' : `${fresh.size} new entries`;
  };

  action.addEventListener('change', () => render());
  words.addEventListener('input', () => render());
  main.replaceChildren(el('section', { class: 'one', 'aria-labelledby': 'log-title' },
    el('h1', { id: 'log-title' }, 'Access log'),
    el('div', { class: 'tools' }, words, action, state), news, place));
  update().catch((error) => error.isEnd || fill(place, problem(error)));
  return { update, state: (text) => { state.textContent = text; } };
}
