// The state from the server, without values: the user, environments, items and users.

import * as api from './api.js';

export const store = { me: null, environments: [], items: [], users: [] };

/** The last reason that the user typed, offered again. It is dropped with the session. */
export const memory = { reason: '' };

export async function load() {
  const [environments, items, users] = await Promise.all([
    api.all('Environment', '&order=name'), api.all('Secret', '&order=name'), api.all('_User', '&order=username'),
  ]);
  const before = JSON.stringify([store.environments, store.items, store.users]);
  Object.assign(store, { environments, items, users });
  const me = users.find((user) => user.objectId === store.me?.objectId);
  if (me) store.me = me;
  return before !== JSON.stringify([environments, items, users]);
}

export function forget() {
  Object.assign(store, { me: null, environments: [], items: [], users: [] });
  memory.reason = '';
}

export function environment(name) {
  return store.environments.find((one) => one.name === name);
}

export function mayRead(name) {
  return environment(name)?.readers.includes(store.me.username) ?? false;
}

export function mayWrite(name) {
  return environment(name)?.writers.includes(store.me.username) ?? false;
}

export function isAdmin() {
  return store.me?.role === 'admin';
}

/** Returns the items that are due for replacement now or within a week, the most urgent first. */
export function due(now = Date.now()) {
  const time = (item) => Date.parse(item.rotateDue?.iso ?? item.expiresAt?.iso ?? '');
  const near = store.items.filter((item) => time(item) <= now + 7 * 86400e3);
  return near.sort((a, b) => time(a) - time(b));
}

export function userName(pointer) {
  return store.users.find((user) => user.objectId === pointer?.objectId)?.username ?? 'a former user';
}
