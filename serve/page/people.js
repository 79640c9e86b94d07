// The users, and their rights on each environment.

import { addUser, manage, requests, showLeft } from './admin.js';
import { change, confirm, reasonFor } from './dialogs.js';
import { button, data, el, fill, select, toast } from './dom.js';
import { isAdmin, mayWrite, store } from './store.js';
import { RIGHTS } from './words.js';

function rightOf(user, environment) {
  return user.grants.find((grant) => grant.environment === environment)?.right ?? 'none';
}

function control(user, environment, refresh, render) {
  const before = rightOf(user, environment);
  const label = `Right of ${user.username} on ${environment}`;
  const word = RIGHTS.find(([right]) => right === before)[1];
  if (!isAdmin() || !mayWrite(environment)) return el('span', { class: before === 'none' ? 'hint' : null }, word);
  const node = select(RIGHTS, before, { 'aria-label': label, 'data-key': `right ${user.objectId} ${environment}` });
  node.addEventListener('change', async () => {
    const right = node.value;
    const words = RIGHTS.find(([word]) => word === right)[1].toLowerCase();
    const text = right === 'none'
      ? `${user.username} can't read ${environment} from now on. It is re-encrypted, and what they could read is marked as due for replacement.`
      : `${user.username} gets ${words} on ${environment}. It is re-encrypted.`;
    try {
      const sure = await confirm(`Change ${user.username}'s right on ${environment}?`, text, 'Change', { danger: right === 'none' });
      if (!sure) return;
      const reason = await reasonFor(environment);
      const done = await change('grant', { username: user.username, environment, right }, { reason });
      if (!done) return;
      await refresh();
      toast(`${user.username} has ${words} on ${environment} now.`);
      showLeft(user.username, done);
    } catch (error) {
      if (!error.isEnd) toast(error.hint ? `${error.message}: ${error.hint}` : error.message, 'bad');
    } finally {
      render();
    }
  });
  return node;
}

/** Puts the users into `main`. */
export function show(main, refresh) {
  const place = el('div', { class: 'people' });
  const render = () => fill(place, store.users.map((user) => {
    const rights = store.environments.map((one) => el('div', {},
      el('dt', {}, data(one.name)), el('dd', {}, control(user, one.name, refresh, render))));
    const more = [user.email, user.slots?.join(', '), user.addedBy !== user.username && `added by ${user.addedBy}`].filter(Boolean);
    return el('article', { class: 'person', 'aria-label': user.username },
      el('h2', {}, data(user.username), el('span', { class: 'badge' }, user.role), user.objectId === store.me.objectId && el('span', { class: 'tag' }, 'you')),
      el('p', { class: 'hint' }, data(more.join(' · '))),
      el('dl', { class: 'rights' }, rights),
      isAdmin() && user.objectId !== store.me.objectId && manage(user, refresh, render));
  }));
  const asked = isAdmin() ? requests(refresh) : null;
  main.replaceChildren(el('section', { class: 'one', 'aria-labelledby': 'people-title' },
    el('div', { class: 'title' }, el('h1', { id: 'people-title' }, 'Users and rights'),
      isAdmin() && button('Add user', () => addUser(refresh), { class: 'primary', 'data-key': 'add-user' })),
    el('p', { class: 'hint' }, isAdmin() ? 'You can give rights on environments that you can write.' : 'An admin gives rights.'),
    asked?.node ?? [], place));
  render();
  return {
    update: () => {
      render();
      asked?.update();
    },
  };
}
