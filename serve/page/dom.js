// Makes elements. Text stays text: nothing on this page turns a string into HTML.

const PROPERTIES = new Set(['value', 'checked', 'disabled', 'hidden', 'selected', 'textContent']);

/** Makes an element with these attributes and children. Attributes such as `onclick` take functions. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (PROPERTIES.has(name)) node[name] = value;
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Replaces the children of an element, and keeps the focus on the child with the same `data-key`. */
export function fill(node, ...children) {
  const focused = node.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  node.replaceChildren(...children.flat(Infinity).filter(Boolean));
  if (focused) find(node, focused)?.focus();
}

/** Finds the child with this key. The key is compared as text: it comes from the vault and may not be a valid selector. */
export function find(node, key) {
  return [...node.querySelectorAll('[data-key]')].find((one) => one.dataset.key === key);
}

/** Control, zero-width and direction characters: they are invisible, or change how other text looks. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Returns text with invisible characters written as escapes. */
export function visible(text) {
  return String(text).replace(UNSEEN, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);
}

/** Shows text from the vault, without an effect on the direction of the text around it. */
export function data(text, attributes = {}) {
  return el('bdi', attributes, visible(text));
}

/** Shows a message for a while. Screen readers read it aloud. */
export function toast(text, kind = 'good') {
  const node = el('p', { class: `toast ${kind}` }, visible(text));
  document.getElementById('toasts').append(node);
  setTimeout(() => node.remove(), kind === 'bad' ? 12000 : 6000);
}

/** Shows an error with its hint. */
export function problem(error) {
  const hint = error.hint ? el('span', { class: 'hint' }, visible(error.hint)) : null;
  return el('p', { class: 'problem', role: 'alert' }, visible(error.message), hint);
}

/** A button that stays busy until its action is done. */
export function button(label, action, attributes = {}) {
  const node = el('button', { type: 'button', ...attributes }, label);
  node.addEventListener('click', async () => {
    if (node.getAttribute('aria-disabled') === 'true') return;
    node.setAttribute('aria-disabled', 'true');
    try {
      await action(node);
    } catch (error) {
      if (!error.isEnd) toast(error.hint ? `${error.message}: ${error.hint}` : error.message, 'bad');
    } finally {
      node.removeAttribute('aria-disabled');
    }
  });
  return node;
}

let count = 0;

/** A control with a label and an optional hint. */
export function field(label, control, hint) {
  count += 1;
  control.id ||= `field-${count}`;
  const note = hint ? el('span', { class: 'hint', id: `${control.id}-hint` }, hint) : null;
  if (note) control.setAttribute('aria-describedby', note.id);
  return el('div', { class: 'field' }, el('label', { for: control.id }, label), control, note);
}

/** A select element. */
export function select(options, value, attributes = {}) {
  const all = options.map(([word, label]) => el('option', { value: word, selected: word === value }, label));
  return el('select', attributes, all);
}
