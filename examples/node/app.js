// A vault by Parse's JavaScript SDK. Nothing here is special to a vault but the server URL:
//
//   vault serve                              # prints the address
//   npm install
//   VAULT_URL=http://127.0.0.1:41873/parse VAULT_USERNAME=mia node app.js
//
// It asks for the passphrase: on the terminal, which doesn't show it, or on standard input.
const Parse = require('parse/node');
const { once } = require('events');
const readline = require('readline');
const { Writable } = require('stream');

async function passphrase() {
  const terminal = process.stdin.isTTY;
  // What is typed would be shown by the output.
  const nowhere = new Writable({ write: (chunk, encoding, done) => done() });
  const lines = readline.createInterface({ input: process.stdin, output: nowhere, terminal });
  if (terminal) process.stderr.write('Passphrase: ');
  for await (const line of lines) {
    lines.close();
    if (terminal) process.stderr.write('\n');
    return line;
  }
  throw new Error('no passphrase on standard input');
}

async function main() {
  Parse.initialize('example-node', 'unused');
  Parse.serverURL = process.env.VAULT_URL;
  const user = await Parse.User.logIn(process.env.VAULT_USERNAME, await passphrase());
  const sessionToken = user.getSessionToken();

  // A list has names, kinds and dates, and no value.
  const query = new Parse.Query('Secret').startsWith('name', 'EXAMPLE_').ascending('name');
  console.log('there before:', await query.count({ sessionToken }));

  // Changes are told as they happen, by whatever process, and without their values.
  const told = [];
  const subscription = await query.subscribe(sessionToken);
  subscription.on('create', (secret) => told.push(secret.get('name')));

  // Several objects are saved with one request.
  const names = ['EXAMPLE_ONE', 'EXAMPLE_TWO'];
  const objects = names.map((name) => new Parse.Object('Secret', { name, value: `value of ${name}`, environment: 'dev' }));
  await Parse.Object.saveAll(objects, { sessionToken });
  while (told.length < names.length) await once(subscription.emitter, 'create');
  console.log('told of:', ...told.sort());

  // Reading one object gives its value, and writes it into the access log first.
  for (const found of await query.find({ sessionToken })) {
    const secret = await new Parse.Query('Secret').get(found.id, { sessionToken });
    console.log(secret.get('name'), 'version', secret.get('version'), 'has', secret.get('value').length, 'bytes');
  }

  objects[0].set('value', 'another value');
  objects[0].set('note', 'set by the example');
  await objects[0].save(null, { sessionToken });
  console.log('saved again:', (await objects[0].fetch({ sessionToken })).get('version'));

  const log = await new Parse.Query('AccessLog').descending('accessTime').limit(3).include('secret').find({ sessionToken });
  for (const entry of log.reverse()) {
    console.log(entry.get('action'), entry.get('secret')?.get('name'), 'by', entry.get('program'));
  }

  await Parse.Object.destroyAll(objects, { sessionToken });
  console.log('left:', await query.count({ sessionToken }));
  await Parse.LiveQuery.close();
  await Parse.User.logOut({ sessionToken });
}

main().catch((error) => {
  console.error(`error: ${error.message} (${error.code})`);
  process.exit(1);
});
