// What admins do with users: join requests, adding, roles, and removing.

import * as api from './api.js';
import { change, confirm, form, open } from './dialogs.js';
import { button, data, el, field, fill, select, toast } from './dom.js';
import { mayWrite, store } from './store.js';
import { RIGHTS, ago, moment } from './words.js';

const ROLES = [['member', 'Member'], ['admin', 'Admin']];

/** Lists what is left to do after a user lost a right: values to replace, keys they may have, and rights that nobody can give. */
export function showLeft(name, { rotate = [], pending = [], knownKeys, unmanaged }) {
  const known = rotate.length + pending.length > 0;
  if (!known && !knownKeys.length && !unmanaged.length) return;
  const list = [
    rotate.map((item) => el('li', {}, data(item, { class: 'mono' }))),
    pending.map((environment) => el('li', {}, data(environment), ': whoever changes it next marks the values as due for replacement')),
  ];
  open(known ? `${name} knew these` : 'What is left to do', [
    known && [
      el('p', {}, 'They may have kept what they read. Replace these values; until then they are listed under “Due”.'), el('ul', {}, list),
    ],
    knownKeys.length > 0 && el('p', {},
      `${name} may still have the keys of ${knownKeys.join(', ')} and act as them. Any of them can end this with vault passwd; or remove them, and add them again.`),
    unmanaged.map((one) => el('p', {},
      `No admin writes ${one.environment} any more, so nobody can give rights on it. A writer who becomes an admin can: ${one.writer}.`)),
  ]);
}

/** Shows a key or a fingerprint to pass on to somebody. */
function showOnce(title, text, hint) {
  open(title, [
    el('p', {}, hint), el('output', { class: 'value mono', 'aria-label': title, tabindex: '0' }, text),
  ]);
}

/** Asks what a new user may do. With a request, the user gets the keys of that request. */
export function addUser(refresh, request) {
  const name = el('input', { name: 'username', value: request?.username ?? '', readonly: Boolean(request), autofocus: !request, required: true, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false' });
  const email = el('input', { name: 'email', type: 'email', autocomplete: 'off' });
  const role = select(ROLES, 'member', { name: 'role' });
  const managed = store.environments.map((one) => one.name).filter(mayWrite);
  const rights = managed.map((environment) => [environment, select(RIGHTS, 'none', { name: `right ${environment}` })]);
  const compare = request && el('p', {}, 'Compare this fingerprint with the one that they see: ', data(request.fingerprint, { class: 'mono' }));
  form(request ? `Add ${request.username}` : 'Add a user', [
    compare,
    el('div', { class: 'two' }, field('User', name), field('Role', role)),
    field('E-mail', email, 'Everybody who has the vault sees it. Leave it empty if nobody needs it.'),
    rights.map(([environment, node]) => field(`Right on ${environment}`, node)),
  ], 'Add', async () => {
    const grants = rights.filter(([, node]) => node.value !== 'none').map(([environment, node]) => ({ environment, right: node.value }));
    const parameters = { username: name.value.trim(), role: role.value, grants };
    if (email.value.trim()) parameters.email = email.value.trim();
    if (request) parameters.keys = request.keys;
    const { user, key } = await api.call('addUser', parameters);
    await refresh();
    if (key) showOnce(`Key of ${user.username}`, key, 'It is shown once. Give it to them by a way that others don\'t read: they sign up with it, and it opens nothing afterwards.');
    else toast(`${user.username} was added, and signs in with their own passphrase.`);
  });
}

/** Lists the join requests at this server; empty if there are none. */
export function requests(refresh) {
  const place = el('div', { class: 'requests' });
  const render = async () => {
    const waiting = await api.call('requests', {});
    const row = (request) => el('li', {},
      el('span', {}, data(request.username), ' asked to join ', el('time', { datetime: request.createdAt }, ago(moment(request.createdAt)))),
      el('span', { class: 'row' },
        button('Add', () => addUser(refresh, request), { 'aria-label': `Add ${request.username}`, 'data-key': `add ${request.username}` }),
        button('Refuse', async () => {
          const sure = await confirm(`Refuse ${request.username}?`, 'The request is deleted. They can ask again.', 'Refuse', { danger: true });
          if (!sure) return;
          await api.call('refuseRequest', { username: request.username });
          toast(`${request.username} was refused.`);
          await render();
        }, { class: 'quiet', 'aria-label': `Refuse ${request.username}`, 'data-key': `refuse ${request.username}` })));
    fill(place, waiting.length > 0 && [el('h2', {}, 'Waiting to be added'), el('ul', { class: 'waiting' }, waiting.map(row))]);
  };
  // The rest of the page works without the requests.
  const update = () => render().catch(() => {});
  update();
  return { node: place, update };
}

/** The controls for another user: the role, and removing. */
export function manage(user, refresh, render) {
  const role = select(ROLES, user.role, { 'aria-label': `Role of ${user.username}`, 'data-key': `role ${user.objectId}` });
  role.addEventListener('change', async () => {
    const isAdmin = role.value === 'admin';
    const text = isAdmin ? `${user.username} may add and remove users and give rights.`
      : `${user.username} may no longer change users and rights.`;
    try {
      const sure = await confirm(`Make ${user.username} ${isAdmin ? 'an admin' : 'a member'}?`, text, 'Change');
      if (!sure) return;
      const done = await change('setRole', { username: user.username, role: role.value });
      if (!done) return;
      await refresh();
      toast(`${user.username} is ${isAdmin ? 'an admin' : 'a member'} now.`);
      showLeft(user.username, done);
    } catch (error) {
      if (!error.isEnd) toast(error.hint ? `${error.message}: ${error.hint}` : error.message, 'bad');
    } finally {
      render();
    }
  });
  const remove = button('Remove', async () => {
    const sure = await confirm(`Remove ${user.username}?`,
      'What they could read is re-encrypted without them and marked as due for replacement. Users whose keys they created, and may still have, are removed too.', 'Remove', { danger: true });
    if (!sure) return;
    const done = await change('removeUser', { username: user.username });
    if (!done) return;
    await refresh();
    toast(`Removed ${done.users.join(', ')}.`);
    showLeft(user.username, done);
  }, { class: 'danger', 'aria-label': `Remove ${user.username}`, 'data-key': `remove ${user.objectId}` });
  return el('div', { class: 'row manage' }, role, remove);
}
