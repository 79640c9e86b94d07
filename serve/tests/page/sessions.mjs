// Signing in and out.

import assert from 'node:assert/strict';
import { BASE, Other, eventually, signIn, test } from './harness.mjs';

test('a wrong passphrase is refused, and the right one shows the items', async (page) => {
  await page.goto(BASE);
  await page.getByLabel('User', { exact: true }).fill('mia');
  await page.getByLabel('Passphrase', { exact: true }).fill('wrong');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  assert.match(await page.getByRole('alert').innerText(), /Invalid username\/password/);
  assert.equal(await page.getByLabel('Passphrase', { exact: true }).inputValue(), '');
  await signIn(page);
  await page.getByRole('button', { name: 'STRIPE_KEY', exact: true }).waitFor();
  assert.equal(await page.title(), 'Items · vault');
});

test('the file that the browser is given signs in once, and the code goes from the address', async (page, context) => {
  const code = process.env.VAULT_TEST_CODE;
  await page.goto(`file://${process.env.VAULT_TEST_LEAD}`);
  await page.getByRole('table', { name: 'Items' }).waitFor();
  assert.equal(page.url(), `${BASE}/`);
  const again = await context.newPage();
  await again.goto(`${BASE}/#code=${code}`);
  await again.getByText('The code was already used, or is older than 5 minutes').waitFor();
  assert.equal(again.url(), `${BASE}/`);
});

test('the token is in memory alone: nothing is stored, and a reload signs out', async (page, context) => {
  let token;
  page.on('request', (request) => { token = request.headers()['x-parse-session-token'] ?? token; });
  const urls = [];
  page.on('request', (request) => urls.push(request.url()));
  await signIn(page);
  const stored = await page.evaluate(async () => ({
    local: localStorage.length, session: sessionStorage.length, cookie: document.cookie, databases: (await indexedDB.databases()).length, name: window.name,
  }));
  assert.deepEqual(stored, { local: 0, session: 0, cookie: '', databases: 0, name: '' });
  assert.deepEqual(await context.cookies(), []);
  assert.match(token, /^r:[0-9a-f]{32}$/);
  assert.ok(!urls.some((url) => url.includes(token) || url.includes('passphrase')));
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  // The session of the page that went is over.
  const other = new Other();
  other.token = token;
  await eventually(() => assert.rejects(other.ask('GET', '/parse/users/me'), /209/));
});

test('a session that ended leaves nothing of the vault on the page', async (page) => {
  let token;
  page.on('request', (request) => { token = request.headers()['x-parse-session-token'] ?? token; });
  await signIn(page);
  await page.getByRole('button', { name: 'STRIPE_KEY', exact: true }).click();
  const other = new Other();
  other.token = token;
  await other.ask('POST', '/parse/logout', {});
  await page.getByRole('button', { name: 'Reveal' }).click();
  await page.getByText('Your session has ended').waitFor();
  const text = await page.locator('body').innerText();
  assert.ok(!text.includes('STRIPE_KEY') && !text.includes('mia'), text);
  assert.equal(await page.getByRole('dialog').count(), 0);
});

test('signing out ends the session', async (page) => {
  let token;
  page.on('request', (request) => { token = request.headers()['x-parse-session-token'] ?? token; });
  await signIn(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  const other = new Other();
  other.token = token;
  await eventually(() => assert.rejects(other.ask('GET', '/parse/users/me'), /209/));
});

test('a page that nobody uses signs out by itself', async (page) => {
  await page.clock.install();
  await signIn(page);
  await page.clock.runFor(3 * 60_000);
  await page.getByRole('table', { name: 'Items' }).waitFor();
  await page.clock.runFor(13 * 60_000);
  await page.getByText('You were signed out').waitFor();
});
