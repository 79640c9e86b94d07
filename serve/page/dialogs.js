// Dialogs. The browser keeps the focus inside, closes them on Escape, and restores the focus.

import * as api from './api.js';
import { el, field, problem, visible } from './dom.js';
import { environment, memory } from './store.js';

let count = 0;

/** Opens a dialog with this title. `closed` is called after it was closed. */
export function open(title, body, { kind = 'small', closed = () => {} } = {}) {
  count += 1;
  const id = `dialog-${count}`;
  const heading = el('h2', { id, tabindex: '-1' }, title);
  const close = el('button', { type: 'button', class: 'quiet close', 'aria-label': 'Close', onclick: () => node.close() }, '×');
  const node = el('dialog', { class: kind, 'aria-labelledby': id },
    el('div', { class: 'dialog-head' }, heading, close), el('div', { class: 'dialog-body' }, body));
  const before = document.activeElement?.dataset?.key;
  node.addEventListener('close', () => {
    node.remove();
    closed();
    // The list may have been rebuilt in the meantime.
    if (before && document.activeElement === document.body) {
      [...document.querySelectorAll('[data-key]')].find((one) => one.dataset.key === before)?.focus();
    }
  });
  document.body.append(node);
  node.showModal();
  const first = node.querySelector('[autofocus]') ?? heading;
  first.focus();
  return node;
}

/** Closes every dialog, because the session has ended. */
export function closeAll() {
  document.querySelectorAll('dialog').forEach((node) => node.close());
}

/** Asks for confirmation. */
export function confirm(title, text, action, { danger = false } = {}) {
  return new Promise((resolve) => {
    let answer = false;
    const go = el('button', { type: 'button', class: danger ? 'danger' : 'primary', onclick: () => { answer = true; node.close(); } }, action);
    const stop = el('button', { type: 'button', autofocus: true, onclick: () => node.close() }, 'Cancel');
    const node = open(title, [el('p', {}, visible(text)), el('div', { class: 'actions' }, stop, go)],
      { closed: () => resolve(answer) });
  });
}

/** Makes a change with a function of the server. If the server refuses to leave environments behind, this asks whether that is
    meant, and makes the change again. Returns the result, or nothing if the user cancels. */
export async function change(name, parameters, options) {
  const accepted = {};
  for (;;) {
    try {
      return await api.call(name, { ...parameters, ...accepted }, options);
    } catch (error) {
      if (!error.accept) throw error;
      const environments = Object.values(error.accept).flat().join(', ');
      const sure = await confirm(`Leave ${environments} behind?`, `${error.message}.`, 'Change anyway', { danger: true });
      if (!sure) return null;
      // Another refusal names only what is not accepted yet.
      for (const [list, more] of Object.entries(error.accept)) accepted[list] = [...(accepted[list] ?? []), ...more];
    }
  }
}

/** A form in a dialog. `send` reads the controls itself. If it throws, the dialog shows the error and stays open. */
export function form(title, fields, action, send, options = {}) {
  const place = el('div', { class: 'problem-place' });
  const go = el('button', { type: 'submit', class: 'primary' }, action);
  const cancel = el('button', { type: 'button', onclick: () => node.close() }, 'Cancel');
  const body = el('form', { novalidate: true }, fields, place, el('div', { class: 'actions' }, cancel, go));
  body.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (go.getAttribute('aria-disabled') === 'true') return;
    go.setAttribute('aria-disabled', 'true');
    place.replaceChildren();
    try {
      await send(node);
      node.close();
    } catch (error) {
      if (!error.isCancel) place.replaceChildren(problem(error));
    } finally {
      go.removeAttribute('aria-disabled');
    }
  });
  const node = open(title, body, options);
  return node;
}

/** Thrown when the user cancels. */
export class Cancelled extends Error {
  isEnd = true;
  isCancel = true;
}

/** Asks for the reason, if the environment is protected. It asks each time, because each use is logged with its reason. */
export function reasonFor(name) {
  if (!environment(name)?.protected) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    let reason;
    const input = el('input', { value: memory.reason, autocomplete: 'off', required: true, autofocus: true, maxlength: 200 });
    form(`${name} is protected`, [
      field('Why do you need it?', input, 'The access log records this with your name.'),
    ], 'Continue', async () => {
      if (!input.value.trim()) throw new Error('Give a reason, in a few words');
      reason = input.value.trim();
      memory.reason = reason;
    }, { closed: () => (reason ? resolve(reason) : reject(new Cancelled())) });
  });
}

