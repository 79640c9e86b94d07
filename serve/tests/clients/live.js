// LiveQuery by the JavaScript SDK's own client, with its address as the SDK finds it: each event prints a line, and the test
// compares them.
const Parse = require('parse/node');

const say = (...words) => console.log(words.join(' '));

/** Hears events one after the other, however fast they come. */
function listen(subscription, names) {
  const heard = [];
  let waiting = null;
  for (const name of names) {
    subscription.on(name, (object, original) => {
      heard.push([name, object, original]);
      waiting?.();
    });
  }
  return async () => {
    while (!heard.length) await new Promise((resolve) => { waiting = resolve; });
    return heard.shift();
  };
}

async function main() {
  const [url, password] = process.argv.slice(2);
  Parse.initialize('live-test', 'key');
  Parse.serverURL = url;
  const user = await Parse.User.logIn('mia', password);
  const sessionToken = user.getSessionToken();
  const options = { sessionToken };
  const Secret = Parse.Object.extend('Secret');
  const names = ['create', 'update', 'enter', 'leave', 'delete'];

  const all = await new Parse.Query(Secret).equalTo('environment', 'dev').subscribe(sessionToken);
  const noted = await new Parse.Query(Secret).exists('note').subscribe(sessionToken);
  const [next, nextNoted] = [listen(all, names), listen(noted, names)];
  say('open');

  const made = new Secret({ name: 'LIVE', value: 's3cret-1', environment: 'dev' });
  await made.save(null, options);
  let [word, object] = await next();
  say(word, object.get('name'), object.className, object.id === made.id, object.has('value'), object.createdAt instanceof Date);

  await made.save({ note: 'n' }, options);
  let original;
  [word, object, original] = await next();
  say(word, object.get('note'), original.has('note'));
  [word, object] = await nextNoted();
  say(word, object.get('name'));

  made.unset('note');
  await made.save(null, options);
  say((await next())[0]);
  [word, object] = await nextNoted();
  say(word, object.get('name'));

  noted.unsubscribe();
  await made.destroy(options);
  [word, object] = await next();
  say(word, object.get('name'), object.has('value'));

  // The log, as it grows, by a client of its own.
  const client = new Parse.LiveQueryClient({
    applicationId: 'live-test', serverURL: url.replace(/^http/, 'ws'), javascriptKey: 'key', sessionToken,
  });
  client.open();
  const entries = client.subscribe(new Parse.Query('AccessLog').equalTo('action', 'get'), sessionToken);
  const nextEntry = listen(entries, names);
  await new Promise((resolve) => { entries.on('open', resolve); });
  const port = await new Parse.Query(Secret).equalTo('name', 'PORT').first(options);
  await new Parse.Query(Secret).get(port.id, options);
  [word, object] = await nextEntry();
  say(word, object.get('action'), object.get('program'), object.get('secrets'));

  const refused = client.subscribe(new Parse.Query(Secret).equalTo('value', 'x'), sessionToken);
  const error = await refused.subscribePromise.catch((one) => one.message);
  say('refused', String(error).includes('secret'));
  client.close();
  await Parse.User.logOut(options);
  await Parse.LiveQuery.close();
}

main().then(() => process.exit(), (error) => {
  console.error(error);
  process.exit(1);
});
