// The example for React Native in Node: each run is a start of the app, with the same storage. What the app has of React Native is
// stood in for by Node's own: fetch, a WebSocket, an emitter, and a store in a file that answers as AsyncStorage 3 does.
const Module = require('node:module');
const fs = require('node:fs');
const path = require('node:path');

const [example, file, url, start] = process.argv.slice(2);
const load = Module._load;
Module._load = (name, ...rest) => (name === 'react-native/Libraries/vendor/emitter/EventEmitter' ? require('node:events') : load(name, ...rest));
const required = Module.createRequire(path.join(example, 'vault.js'));
global.WebSocket = required('ws');

const kept = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file)) : {};
const write = () => fs.writeFileSync(file, JSON.stringify(kept));
const store = {
  async getItem(key) { return kept[key] ?? null; },
  async setItem(key, value) { kept[key] = value; write(); },
  async removeItem(key) { delete kept[key]; write(); },
};

const names = ({ secrets, isOffline }) => `${secrets.map((secret) => secret.name).join(' ')}${isOffline ? ', from before' : ''}`;

const starts = {
  async first(app) {
    await app.signIn('mia', fs.readFileSync(0, 'utf8').trim());
    const listed = await app.list();
    console.log('listed', names(listed));
    const { id } = listed.secrets.find(({ name }) => name === 'TOKEN');
    console.log('read', (await app.reveal(id)).length);
    const told = new Promise((resolve) => { app.watch(resolve).then((stop) => { starts.stop = stop; return app.save(id, 'set-in-the-app'); }); });
    console.log('told of', (await told).get('name'), (await told).has('value'));
    await starts.stop();
  },
  async second(app) {
    console.log('still', await app.current());
    console.log('listed', names(await app.list()));
  },
  async offline(app) {
    console.log('still', await app.current());
    console.log('listed', names(await app.list()));
    await app.signOut();
    console.log('then', await app.current(), names(await app.list()));
  },
};

async function main() {
  const app = await import(path.join(example, 'vault.js'));
  await app.connect(url, store);
  // In Node the SDK has no current user, as on a server.
  required('parse/react-native.js').User.enableUnsafeCurrentUser();
  await starts[start](app);
}

main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
