// Signing in, by name and passphrase or with the one-time code of `vault serve --code`.

import * as api from './api.js';
import { data, el, field, fill, problem } from './dom.js';

/** How long the server takes a one-time code. */
export const CODE_HOLDS = '5 minutes';

/** Sends a join request. The recovery key is shown once, until the user leaves the page. */
function askForm() {
  const name = el('input', { name: 'new-username', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', required: true });
  const passphrase = el('input', { name: 'new-password', type: 'password', autocomplete: 'new-password', required: true });
  const place = el('div', { class: 'problem-place' });
  const go = el('button', { type: 'submit' }, 'Ask');
  const node = el('form', { novalidate: true }, field('New user', name, 'a-z 0-9 _ -'),
    field('New passphrase', passphrase, 'Several random words.'), place, go);
  node.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (go.getAttribute('aria-disabled') === 'true') return;
    go.setAttribute('aria-disabled', 'true');
    place.replaceChildren();
    try {
      const asked = await api.askToJoin(name.value.trim(), passphrase.value);
      fill(node, el('p', { role: 'status' }, 'You asked to be added. Once an admin has added you, sign in with this name and passphrase.'),
        el('p', {}, 'Fingerprint, for the admin to compare: ', data(asked.fingerprint, { class: 'mono' })),
        el('p', {}, 'Recovery key. It is shown once. Keep it with your important papers, in case you lose the passphrase.'),
        el('output', { class: 'value mono', 'aria-label': 'Recovery key', tabindex: '0' }, asked.recoveryKey));
    } catch (error) {
      fill(place, problem(error));
    } finally {
      passphrase.value = '';
      go.removeAttribute('aria-disabled');
    }
  });
  return node;
}

/** Puts the sign-in form into `main`. `done` gets the user who signed in. */
export function show(main, done, message) {
  const name = el('input', { name: 'username', autocomplete: 'username', autocapitalize: 'off', spellcheck: 'false', required: true });
  const passphrase = el('input', { name: 'password', type: 'password', autocomplete: 'current-password', required: true });
  const code = el('input', { name: 'code', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false', class: 'mono' });
  const place = el('div', { class: 'problem-place' });
  const go = el('button', { type: 'submit', class: 'primary' }, 'Sign in');
  const goCode = el('button', { type: 'submit' }, 'Use the code');

  const submit = (submitter, proof) => async (event) => {
    event.preventDefault();
    if (submitter.getAttribute('aria-disabled') === 'true') return;
    const label = submitter.textContent;
    submitter.setAttribute('aria-disabled', 'true');
    submitter.textContent = 'Signing in…';
    place.replaceChildren();
    try {
      const me = await api.logIn(proof());
      passphrase.value = '';
      await done(me);
    } catch (error) {
      const told = proof().code !== undefined && error.code === 101
        ? Object.assign(new Error(`The code is wrong, was already used, or is older than ${CODE_HOLDS}`), { hint: 'Sign in with your passphrase, or start vault serve --code again' })
        : error;
      fill(place, problem(told));
      passphrase.value = '';
      (proof().code !== undefined ? code : name.value ? passphrase : name).focus();
    } finally {
      submitter.removeAttribute('aria-disabled');
      submitter.textContent = label;
    }
  };

  const byName = el('form', { novalidate: true, onsubmit: submit(go, () => ({ username: name.value.trim(), password: passphrase.value })) },
    field('User', name), field('Passphrase', passphrase), place, go);
  const byCode = el('details', {}, el('summary', {}, 'Sign in with a one-time code'),
    el('form', { novalidate: true, onsubmit: submit(goCode, () => ({ code: code.value.trim() })) },
      field('One-time code', code, 'vault serve --code prints it.'), goCode));
  const asking = el('details', {}, el('summary', {}, 'Ask to be added'), askForm());
  main.replaceChildren(el('section', { class: 'card', 'aria-labelledby': 'sign-in-title' },
    el('h1', { id: 'sign-in-title' }, 'Sign in'),
    el('p', { class: 'hint' }, message ?? 'With the name and the passphrase that open this vault.'), byName, byCode, asking));
  name.focus();
}
