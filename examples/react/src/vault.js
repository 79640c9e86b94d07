// Parse's SDK against `vault serve`. Nothing here is special to a vault but the server URL and where the session is kept.
import Parse from 'parse';

Parse.initialize('example-react', 'unused');
Parse.serverURL = import.meta.env.VITE_VAULT_URL ?? 'http://127.0.0.1:1337/parse';

// The SDK keeps the session token in localStorage, where it outlives the page, and where every script of this origin reads
// it: on http://localhost:5173 that is every project that you ever start there. In memory it ends with the page.
const memory = new Map();
Parse.CoreManager.setStorageController({
  async: 0,
  getItem: (path) => memory.get(path) ?? null,
  setItem: (path, value) => memory.set(path, value),
  removeItem: (path) => memory.delete(path),
  getAllKeys: () => [...memory.keys()],
  clear: () => memory.clear(),
});

const inDev = () => new Parse.Query('Secret').equalTo('environment', 'dev').ascending('name');

export const signIn = (username, passphrase) => Parse.User.logIn(username, passphrase);

// The session may have ended on the server before.
export const signOut = () => Parse.User.logOut().catch(() => {});

// Names, kinds and versions: a list has no values.
export async function list() {
  const found = await inDev().find();
  return found.map((secret) => ({ id: secret.id, name: secret.get('name'), kind: secret.get('kind'), version: secret.get('version') }));
}

// The log has an entry before the value comes.
export async function reveal(id) {
  return (await new Parse.Query('Secret').get(id)).get('value');
}

export async function save(id, value) {
  const secret = Parse.Object.extend('Secret').createWithoutData(id);
  await secret.save({ value });
}

// Calls back at each change, by whatever process; what is told has no values. Gives what ends it. The SDK's own client, behind
// `query.subscribe()`, would keep the token of the first session for good.
export async function watch(changed) {
  const sessionToken = Parse.User.current().getSessionToken();
  const client = new Parse.LiveQueryClient({
    applicationId: Parse.applicationId, javascriptKey: 'unused', serverURL: Parse.serverURL.replace(/^http/, 'ws'), sessionToken,
  });
  client.open();
  const subscription = client.subscribe(inDev(), sessionToken);
  for (const event of ['create', 'update', 'enter', 'leave', 'delete']) subscription.on(event, changed);
  await subscription.subscribePromise;
  return () => client.close();
}
