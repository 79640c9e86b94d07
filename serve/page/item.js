// One item: its metadata, its value for a short time, its history, and the actions on it.

import * as api from './api.js';
import * as clipboard from './clipboard.js';
import { confirm, open, reasonFor } from './dialogs.js';
import { button, data, el, fill, toast, visible } from './dom.js';
import { editItem } from './form.js';
import { mayWrite, store, userName } from './store.js';
import { KINDS, ago, moment, outlook, stamp } from './words.js';

const MASK = '••••••••••••';

/** Copies an item's value. The access log records it. */
export async function copyValue(item) {
  const reason = await reasonFor(item.environment);
  await clipboard.copy(api.value(item, reason).then(({ value }) => value));
  toast(`Copied ${item.name}. The clipboard is cleared in ${clipboard.KEPT / 1000} s, if the browser allows it.`);
}

/** The box that shows a value and hides it again. */
function valueBox(item) {
  const shown = el('output', { class: 'value mono masked', 'aria-label': 'Value' }, MASK);
  const note = el('span', { class: 'hint', 'aria-live': 'off' });
  let until = 0;
  let timer;
  const hide = () => {
    clearInterval(timer);
    until = 0;
    shown.textContent = MASK;
    shown.classList.add('masked');
    note.textContent = '';
    reveal.textContent = 'Reveal';
  };
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left <= 0) hide();
    else note.textContent = `Hidden in ${left} s`;
  };
  const reveal = button('Reveal', async () => {
    if (until) return hide();
    const reason = await reasonFor(item.environment);
    const { value, encoding } = await api.value(item, reason);
    if (!shown.isConnected) return undefined;
    shown.textContent = visible(value) || '(empty)';
    shown.classList.remove('masked');
    reveal.textContent = 'Hide';
    until = Date.now() + clipboard.KEPT;
    timer = setInterval(tick, 500);
    tick();
    if (encoding) toast('The value is not text. It is shown in base64.');
    return undefined;
  }, { class: 'reveal' });
  // Timers of a background tab may fire late.
  const late = () => until && tick();
  document.addEventListener('visibilitychange', late);
  const gone = () => {
    hide();
    document.removeEventListener('visibilitychange', late);
  };
  const copy = button('Copy', () => copyValue(item));
  const node = el('section', { class: 'value-box', 'aria-label': 'Value' }, shown, el('div', { class: 'row' }, reveal, copy, note));
  return { node, gone };
}

function facts(item) {
  const rows = [];
  const put = (name, value) => value && rows.push(el('div', {}, el('dt', {}, name), el('dd', {}, value)));
  const time = (value) => el('time', { datetime: value.toISOString(), title: stamp(value) }, ago(value));
  const view = outlook(item);
  put('Kind', KINDS.find(([kind]) => kind === item.kind)?.[1] ?? item.kind);
  put('Environment', data(item.environment));
  put('Changed', [time(moment(item.updatedAt)), ' by ', data(item.updatedBy)]);
  put('Created', [time(moment(item.createdAt)), ' by ', data(userName(item.owner))]);
  put('Due', view && el('span', { class: `level ${view.level}` }, view.text));
  put('Provider', item.provider && data(item.provider));
  put('Tags', item.tags?.length ? item.tags.map((tag) => data(tag, { class: 'tag' })) : null);
  put('Note', item.note && data(item.note, { class: 'note-text' }));
  put('Commands get', item.as || item.deliver !== 'variable' ? `${item.deliver}${item.as ? ` as ${item.as}` : ''}` : null);
  return el('dl', { class: 'facts' }, rows);
}

/** The versions, each with a button to roll back to it. */
function history(item, changed) {
  const list = el('ol', { class: 'history' }, el('li', { class: 'hint' }, 'Loading…'));
  const rollBack = (version) => button('Roll back', async () => {
    const sure = await confirm(`Roll back to version ${version.version}?`,
      `The value of version ${version.version} becomes a new version of ${item.name}. The current value stays in the history.`, 'Roll back');
    if (!sure) return;
    const reason = await reasonFor(item.environment);
    await api.call('rollback', { objectId: item.objectId, version: version.version }, { reason, version: item.version });
    toast(`Rolled back ${item.name} to version ${version.version}.`);
    await changed();
  }, { class: 'quiet', 'aria-label': `Roll back to version ${version.version}` });
  const row = (version) => {
    const time = moment(version.createdAt);
    return el('li', {},
      el('span', { class: 'version' }, `Version ${version.version}`),
      el('span', { class: 'hint' }, el('time', { datetime: version.createdAt, title: stamp(time) }, ago(time)), ' by ', data(version.createdBy)),
      version.current ? el('span', { class: 'tag' }, 'now') : mayWrite(item.environment) && rollBack(version));
  };
  api.call('history', { objectId: item.objectId }).then(
    (versions) => fill(list, versions.map(row)),
    (error) => fill(list, el('li', { class: 'problem' }, visible(error.message))),
  );
  return el('section', { class: 'history-box' }, el('h3', {}, 'History'), list);
}

/** The actions on an item, for users who may write it. */
function actions(item, node, changed) {
  if (!mayWrite(item.environment)) {
    return el('p', { class: 'hint' }, `You can read ${item.environment} but not change it.`);
  }
  const edit = button('Edit', () => editItem(item, changed));
  const rotate = button('Rotate', async () => {
    const sure = await confirm(`Rotate ${item.name}?`,
      'It gets a new random value of 32 letters and digits. The old value stays in the history, and works until its issuer revokes it.', 'Rotate');
    if (!sure) return;
    const reason = await reasonFor(item.environment);
    await api.call('rotate', { objectId: item.objectId }, { reason, version: item.version });
    toast(`Rotated ${item.name}.`);
    await changed();
  });
  const remove = button('Delete', async () => {
    const sure = await confirm(`Delete ${item.name}?`, `${item.environment}/${item.name} and all its earlier values are deleted.`, 'Delete', { danger: true });
    if (!sure) return;
    await api.remove(item, await reasonFor(item.environment));
    toast(`Deleted ${item.name}.`);
    node().close();
    await changed();
  }, { class: 'danger' });
  return el('div', { class: 'row' }, edit, rotate, remove);
}

/** Shows an item beside the list. `refresh` loads everything again. */
export function showItem(id, refresh) {
  const body = el('div', { class: 'item' });
  let box = { gone() {} };
  const render = () => {
    box.gone();
    const item = store.items.find((one) => one.objectId === id);
    if (!item) return node.close();
    box = valueBox(item);
    fill(body, box.node, actions(item, () => node, changed), facts(item), history(item, changed));
    return undefined;
  };
  const changed = async () => {
    await refresh();
    if (node.open) render();
  };
  const item = store.items.find((one) => one.objectId === id);
  const node = open(item.name, body, { kind: 'sheet', closed: () => box.gone() });
  render();
}
