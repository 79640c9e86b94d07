// The playground, with made-up data and with the vault.

import assert from 'node:assert/strict';
import { BASE, Other, calls, eventually, send, signIn, test, view } from './harness.mjs';

test('every call works on made-up data without a login, and asks nobody', async (page) => {
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(`${BASE}/playground`);
  await calls(page).first().waitFor();
  const count = await calls(page).count();
  assert.ok(count > 30, `${count} calls`);
  for (let place = 0; place < count; place += 1) {
    await calls(page).nth(place).click();
    const answer = await send(page, /Status 20[01], .*made-up data/);
    assert.ok(JSON.parse(answer), answer);
  }
  assert.deepEqual(asked.filter((path) => path.startsWith('/parse')), []);
});

test('made-up data answers as the server does', async (page) => {
  await page.goto(`${BASE}/playground`);
  await calls(page).first().waitFor();
  const path = page.getByLabel('Path');
  await path.fill('/parse/classes/Secret?where={"kind":"api-key","environment":{"$in":["prod"]}}&count=1&keys=name');
  const found = JSON.parse(await send(page, /Status 200/));
  assert.equal(found.count, 1);
  assert.deepEqual([found.results[0].name, found.results[0].value], ['STRIPE_KEY', undefined]);
  await path.fill('/parse/classes/Nothing');
  assert.match(await send(page, /Status 400/), /"code": 103/);
  await path.fill('/parse/classes/Secret?where={"name":{"$near":1}}');
  assert.match(await send(page, /Status 400/), /"code": 102/);
  await page.getByLabel('Method').selectOption('POST');
  await path.fill('/parse/classes/Secret');
  await page.getByLabel('Body').fill('{"value":"v"}');
  assert.match(await send(page, /Status 400/), /name is required/);
  await page.getByLabel('Body').fill('{"value":');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('The body is not JSON').waitFor();
});

test('calls go to the vault once somebody has signed in, and are logged', async (page) => {
  const other = await Other.signedIn();
  await page.clock.install();
  await page.goto(`${BASE}/playground`);
  assert.ok(await page.getByLabel('This vault').isDisabled());
  await signIn(page);
  await view(page, 'Playground');
  assert.ok(await page.getByLabel('This vault').isChecked());
  assert.match(await send(page, /Status 200, \d+ ms$/), /"STRIPE_KEY"/);
  const given = async () => (await other.log()).filter((entry) => entry.action === 'get' && entry.outcome === 'ok').length;
  const before = await given();
  const groups = page.getByRole('navigation', { name: 'Calls' });
  await groups.getByRole('button', { name: 'Read one' }).nth(1).click();
  // The first item is in a protected environment.
  assert.match(await send(page, /Status 400/), /guarded is protected/);
  await page.getByLabel('Reason for the log').fill('to try it out');
  assert.match(await send(page, /Status 200/), /"value": /);
  await eventually(async () => assert.equal(await given(), before + 1));
  await page.clock.runFor(31_000);
  await eventually(async () => assert.equal(await page.getByLabel('Answer').innerText(), ''));
  // The way to sign in is the page's own: a token is not for showing.
  assert.equal(await groups.getByRole('button', { name: 'Sign in' }).count(), 0);
  assert.match(await page.getByLabel('The same with curl').innerText(), /^curl -X GET 'http/);
});
