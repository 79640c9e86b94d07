// What the JavaScript SDK's own calls do against the server: each prints a line, and the test compares them.
const Parse = require('parse/node');

const say = (...words) => console.log(words.join(' '));

async function refused(what, promise) {
  try {
    await promise;
    say(what, 'is done');
  } catch (error) {
    say(what, error.code);
  }
}

async function main() {
  const [url, password] = process.argv.slice(2);
  Parse.initialize('sdk-test', 'key');
  Parse.serverURL = url;
  await refused('a wrong passphrase', Parse.User.logIn('mia', 'wrong'));
  const user = await Parse.User.logIn('mia', password);
  const sessionToken = user.getSessionToken();
  const options = { sessionToken };
  say('user', user.get('username'), user.get('role'), user.createdAt instanceof Date);
  say('me', (await Parse.User.me(sessionToken)).get('username'));

  const Secret = Parse.Object.extend('Secret');
  const query = () => new Parse.Query(Secret);
  say('count', await query().count(options));
  say('names', (await query().equalTo('environment', 'dev').ascending('name').find(options)).map((one) => one.get('name')));
  say('contains', (await query().contains('name', 'RIPE').find(options)).map((one) => one.get('name')));
  say('ends', (await query().endsWith('name', '_KEY').find(options)).map((one) => one.get('name')));
  say('matches', (await query().matches('name', /^po/i).find(options)).map((one) => one.get('name')));
  const either = Parse.Query.or(query().equalTo('name', 'PORT'), query().containedIn('name', ['BINARY']));
  say('or', (await either.ascending('name').find(options)).map((one) => one.get('name')));
  say('and', (await Parse.Query.and(query().exists('name'), query().doesNotExist('note')).find(options)).length);
  say('dates', (await query().lessThanOrEqualTo('createdAt', new Date(Date.now() + 86400e3)).find(options)).length);
  say('first', (await query().descending('name').notEqualTo('name', 'TOKEN').first(options)).get('name'));
  const page = await query().ascending('name').skip(1).limit(2).withCount().find(options);
  say('page', page.results.map((one) => one.get('name')), page.count);
  const selected = await query().equalTo('name', 'PORT').select('name').include('owner').first(options);
  say('select', selected.get('name'), selected.has('kind'));
  const owned = await query().equalTo('name', 'PORT').include('owner').first(options);
  say('include', owned.get('owner').get('username'), owned.has('value'));
  say('by pointer', await query().equalTo('owner', owned.get('owner')).count(options));
  say('acl', owned.getACL().getWriteAccess(user), owned.getACL().getPublicReadAccess());
  say('value', (await query().get(owned.id, options)).get('value'));
  say('fetched', (await Secret.createWithoutData(owned.id).fetch(options)).get('value'));
  const values = await query().equalTo('name', 'TOKEN').select('name', 'value').ascending('environment').find(options);
  say('values', values.map((one) => one.get('value')));
  let walked = 0;
  await query().each(() => { walked += 1; }, options);
  say('each', walked);

  const made = new Secret({ name: 'BY_SDK', value: 'first', tags: ['a'], expiresAt: new Date('2030-01-01T00:00:00Z') });
  await made.save(null, options);
  say('made', made.id.length, made.createdAt instanceof Date, made.get('version'));
  made.set('note', 'n');
  made.addUnique('tags', 'b');
  await made.save(null, options);
  const read = await query().get(made.id, options);
  say('read', read.get('note'), read.get('tags'), read.get('expiresAt').toISOString(), read.get('version'));
  made.unset('note');
  made.set('value', 'second');
  await made.save(null, options);
  const again = await query().get(made.id, options);
  say('again', again.has('note'), again.get('value'), again.get('version'));
  await refused('the same name', new Secret({ name: 'BY_SDK', value: 'x' }).save(null, options));
  await refused('no name', new Secret({ value: 'x' }).save(null, options));
  await refused('a bad operator', query().near('name', new Parse.GeoPoint(1, 1)).find(options));
  await refused('no such object', query().get('0'.repeat(32), options));
  await refused('without a session', query().find());
  const acl = new Secret({ name: 'OPEN', value: 'x' });
  acl.setACL(new Parse.ACL({ '*': { read: true } }));
  await refused('an acl', acl.save(null, options));

  const several = [1, 2, 3].map((number) => new Secret({ name: `BATCH_${number}`, value: `${number}` }));
  await Parse.Object.saveAll(several, options);
  say('batch', several.map((one) => one.id.length), (await query().startsWith('name', 'BATCH_').find(options)).length);
  await Parse.Object.destroyAll(several, options);
  await made.destroy(options);
  say('left', await query().count(options));
  const variable = await new Parse.Query('EnvironmentVariable').equalTo('key', 'PORT').first(options);
  say('variable', (await variable.fetch(options)).get('value'));
  say('schema', (await new Parse.Query('_User').ascending('username').find(options)).map((one) => one.get('username')));
  const entry = await new Parse.Query('AccessLog').equalTo('action', 'get').descending('accessTime').include('user').first(options);
  say('log', entry.get('action'), entry.get('program'), entry.get('user').get('username'), entry.get('accessTime') instanceof Date);
  await Parse.User.logOut(options);
  await refused('after signing out', query().find(options));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
