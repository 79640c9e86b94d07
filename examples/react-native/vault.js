// A vault from React Native:
//
//   import * as SecureStore from 'expo-secure-store';
//   const keychain = { getItem: SecureStore.getItemAsync, setItem: SecureStore.setItemAsync, removeItem: SecureStore.deleteItemAsync };
//   await connect('http://127.0.0.1:1337/parse', keychain);
//
// The SDK keeps the session token where it is told to. AsyncStorage is a plain file, which backups have, too; the keychain is not.
import Parse from 'parse/react-native.js';
import { asAsyncStorage, key } from './storage.js';

const NAMES = key('Parse/example-react-native/names');
let storage = null;

export async function connect(url, store) {
  storage = store;
  Parse.setAsyncStorage(asAsyncStorage(store));
  Parse.initialize('example-react-native', 'unused');
  Parse.serverURL = url;
}

export const signIn = (username, passphrase) => Parse.User.logIn(username, passphrase);

// Who is signed in since an earlier start of the app. Whether the session still is one, the next request says: error 209.
export async function current() {
  return (await Parse.User.currentAsync())?.get('username') ?? null;
}

export async function signOut() {
  await storage.removeItem(NAMES);
  // The session may have ended on the server before, and what the SDK kept goes in either case.
  await Parse.User.logOut().catch(() => {});
}

// Names, kinds and versions: a list has no values. Without a connection it is the last one that came.
export async function list() {
  try {
    const found = await inDev().find();
    const secrets = found.map((secret) => ({ id: secret.id, name: secret.get('name'), kind: secret.get('kind'), version: secret.get('version') }));
    await storage.setItem(NAMES, JSON.stringify(secrets));
    return { secrets, isOffline: false };
  } catch (error) {
    if (error.code !== Parse.Error.CONNECTION_FAILED) throw error;
    return { secrets: JSON.parse((await storage.getItem(NAMES)) ?? '[]'), isOffline: true };
  }
}

// A value is never kept. The SDK's own local datastore would keep it: a pinned object is written again, with its value, when it is
// fetched or saved.
export async function reveal(id) {
  return (await new Parse.Query('Secret').get(id)).get('value');
}

export async function save(id, value) {
  await Parse.Object.extend('Secret').createWithoutData(id).save({ value });
}

// Calls back at each change, by whatever process; what is told has no values. Gives what ends it.
export async function watch(changed) {
  const sessionToken = (await Parse.User.currentAsync()).getSessionToken();
  const client = new Parse.LiveQueryClient({
    applicationId: Parse.applicationId, javascriptKey: 'unused', serverURL: Parse.serverURL.replace(/^http/, 'ws'), sessionToken,
  });
  client.open();
  const subscription = client.subscribe(inDev(), sessionToken);
  for (const event of ['create', 'update', 'enter', 'leave', 'delete']) subscription.on(event, changed);
  await subscription.subscribePromise;
  return () => client.close();
}

const inDev = () => new Parse.Query('Secret').equalTo('environment', 'dev').ascending('name');
