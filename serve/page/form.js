// The forms for new items and for changes.

import * as api from './api.js';
import { form, reasonFor } from './dialogs.js';
import { button, el, field, select } from './dom.js';
import { mayWrite, store } from './store.js';
import { KINDS, moment } from './words.js';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Returns random letters and digits, each equally likely: bytes that would favor some are drawn again. */
export function randomValue(length = 32) {
  let text = '';
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(64))) {
      if (byte < 248 && text.length < length) text += LETTERS[byte % 62];
    }
  }
  return text;
}

/** The controls for an item's metadata. */
function description(item) {
  const expires = moment(item?.expiresAt);
  return {
    kind: select(KINDS, item?.kind ?? 'secret', { name: 'kind' }),
    note: el('textarea', { rows: 2, name: 'note', maxlength: 4096 }, item?.note ?? ''),
    tags: el('input', { name: 'tags', value: (item?.tags ?? []).join(' '), autocomplete: 'off', spellcheck: 'false' }),
    provider: el('input', { name: 'provider', value: item?.provider ?? '', autocomplete: 'off' }),
    expires: el('input', { type: 'date', name: 'expires', value: expires ? expires.toISOString().slice(0, 10) : '' }),
  };
}

/** Returns what the controls hold. An emptied control is null in a change, and absent in a new item. */
function described(controls, item) {
  const tags = controls.tags.value.split(/[\s,]+/).filter(Boolean);
  const fields = { kind: controls.kind.value, tags };
  const put = (name, value, before) => {
    if (value) fields[name] = value;
    else if (before) fields[name] = null;
  };
  put('note', controls.note.value, item?.note);
  put('provider', controls.provider.value.trim(), item?.provider);
  const before = moment(item?.expiresAt)?.toISOString();
  const day = controls.expires.value;
  // A time of day that was set elsewhere stays if the day stays.
  if (day && before?.slice(0, 10) === day) fields.expiresAt = { __type: 'Date', iso: before };
  else put('expiresAt', day && { __type: 'Date', iso: `${day}T00:00:00.000Z` }, before);
  return fields;
}

function valueField(label, hint) {
  const value = el('textarea', { rows: 3, name: 'value', class: 'mono', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' });
  const generate = button('Generate', () => {
    value.value = randomValue();
    value.focus();
  }, { class: 'quiet' });
  const row = field(label, value, hint);
  row.append(generate);
  return [value, row];
}

function descriptionFields(controls) {
  return [
    el('div', { class: 'two' }, field('Kind', controls.kind), field('Expires', controls.expires)),
    field('Note', controls.note),
    el('div', { class: 'two' }, field('Tags', controls.tags, 'Separated by spaces'), field('Provider', controls.provider)),
  ];
}

/** Asks for a new item. */
export function newItem(environmentName, done) {
  const names = store.environments.map((one) => one.name).filter(mayWrite);
  const place = select(names.map((name) => [name, name]), environmentName, { name: 'environment' });
  const name = el('input', { name: 'name', class: 'mono', autofocus: true, required: true, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' });
  const controls = description(null);
  const [value, valueRow] = valueField('Value');
  form('New item', [
    el('div', { class: 'two' }, field('Name', name), field('Environment', place)), valueRow, descriptionFields(controls),
  ], 'Save', async () => {
    if (!name.value.trim()) throw new Error('Give it a name');
    const fields = { name: name.value.trim(), environment: place.value, value: value.value, ...described(controls, null) };
    const made = await api.create(fields, await reasonFor(place.value));
    await done(made);
  }, { kind: 'wide', closed: () => { value.value = ''; } });
}

/** Asks for changes to an item. A change by somebody else in the meantime is not overwritten. */
export function editItem(item, done) {
  const controls = description(item);
  const [value, valueRow] = valueField('New value', 'Leave it empty to keep the current value.');
  form(`Edit ${item.name}`, [valueRow, descriptionFields(controls)], 'Save', async () => {
    const fields = described(controls, item);
    if (value.value) {
      fields.value = value.value;
      // The expiry belongs to the old value. Unless the user changed it, the new value has none.
      if (JSON.stringify(fields.expiresAt) === JSON.stringify(item.expiresAt)) delete fields.expiresAt;
    }
    try {
      await api.update(item, fields, await reasonFor(item.environment));
    } catch (error) {
      if (error.status === 412) {
        throw Object.assign(new Error('Somebody changed this item since you opened it. Nothing was saved'), {
          hint: 'Close this, look at the item as it is now, then decide.',
        });
      }
      throw error;
    }
    await done();
  }, { kind: 'wide', closed: () => { value.value = ''; } });
}
