// Drives an example in a browser, as its user would. They all look alike, so that one test serves them all.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const { chromium } = createRequire(`${process.env.VAULT_TEST_PLAYWRIGHT}/`)('playwright-core');
const { VAULT_TEST_APP: app, VAULT_TEST_BASE: vault, VAULT_TEST_MIA: passphrase, VAULT_TEST_TARGET: target } = process.env;
// A value on a server's page never leaves it, whatever is asked for.
const staysOnServer = target === 'server';
const SHOWN = ['s3cret-of-dev', 'set-in-the-browser'];

/** Another client of the same vault. */
async function ask(method, path, body, token) {
  const headers = { 'Content-Type': 'application/json', 'X-Parse-Application-Id': 'other' };
  if (token) headers['X-Parse-Session-Token'] = token;
  const answer = await fetch(`${vault}/parse${path}`, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return answer.json();
}

/** Whatever the page is sent and says; a value may be in an answer to the one request that asks for it, and nowhere else. */
function watch(page) {
  const seen = { values: 0, wrong: [], answers: [] };
  page.on('pageerror', (error) => seen.wrong.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    if (SHOWN.some((value) => message.text().includes(value))) seen.wrong.push(`a value on the console: ${message.text()}`);
    const isRefusal = message.text().startsWith('Failed to load resource: the server responded with a status of 4');
    if (message.type() === 'error' && !isRefusal) seen.wrong.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (![app, vault].some((base) => request.url().startsWith(`${base}/`)) && !request.url().startsWith('data:')) {
      seen.wrong.push(`asked elsewhere: ${request.url()}`);
    }
  });
  const look = (text, from) => {
    if (text.includes(SHOWN[0])) seen.values += 1;
    if (staysOnServer && /\br:[0-9a-f]{16}/.test(text)) seen.wrong.push(`a session token in ${from}`);
  };
  // What tells of the server's own rendering, while the app is written.
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => look(payload.toString('latin1'), socket.url())));
  page.on('response', (response) => {
    // A stream of events doesn't end.
    if (response.headers()['content-type']?.startsWith('text/event-stream')) return;
    seen.answers.push(response.text().then((text) => look(text, response.url()), () => {}));
  });
  return seen;
}

async function signIn(page, words) {
  await page.getByLabel('User', { exact: true }).fill('mia');
  await page.getByLabel('Passphrase').fill(words);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const row = (page, name) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
const version = (page, name, number) => row(page, name).getByRole('cell', { name: String(number), exact: true }).waitFor();

/** On a phone nothing is cut off, and the dark of the system is that of the page. */
async function look(page) {
  const desk = page.viewportSize();
  await page.setViewportSize({ width: 360, height: 780 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0, 'too wide for a phone');
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.notEqual(await ground(), light);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(desk);
}

async function drive(page) {
  const seen = watch(page);
  await page.goto(app);
  await signIn(page, 'not-the-passphrase');
  await page.getByRole('alert').filter({ hasText: 'Invalid username/password' }).waitFor();
  await signIn(page, passphrase);
  await version(page, 'TOKEN', 1);
  assert.ok(!(await page.content()).includes(SHOWN[0]), 'a list has no values');
  await Promise.all(seen.answers);
  assert.equal(seen.values, 0, 'nor is one sent');

  await row(page, 'TOKEN').getByRole('button', { name: staysOnServer ? 'Use' : 'Reveal' }).click();
  await row(page, 'TOKEN').getByText(staysOnServer ? 'used, 13 bytes' : SHOWN[0]).waitFor();
  await look(page);
  await Promise.all(seen.answers);
  assert.equal(seen.values, staysOnServer ? 0 : 1);
  if (!staysOnServer) {
    await row(page, 'TOKEN').getByRole('button', { name: 'Hide' }).click();
    await row(page, 'TOKEN').getByRole('button', { name: 'Reveal' }).waitFor();
    assert.ok(!(await page.content()).includes(SHOWN[0]), 'hidden again');
  }

  await page.getByLabel('New value of TOKEN').fill(SHOWN[1]);
  await row(page, 'TOKEN').getByRole('button', { name: 'Save' }).click();
  await version(page, 'TOKEN', 2);

  const { sessionToken } = await ask('POST', '/login', { username: 'mia', password: passphrase });
  const where = encodeURIComponent(JSON.stringify({ name: 'PORT' }));
  const { results: [port] } = await ask('GET', `/classes/Secret?where=${where}`, undefined, sessionToken);
  await ask('PUT', `/classes/Secret/${port.objectId}`, { value: '3001' }, sessionToken);
  await version(page, 'PORT', 2);
  const { results } = await ask('GET', `/classes/Secret?keys=value&where=${encodeURIComponent(JSON.stringify({ name: 'TOKEN', environment: 'dev' }))}`, undefined, sessionToken);
  assert.equal(results[0].value, SHOWN[1]);

  const stored = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]) + document.cookie);
  assert.ok(!stored.includes('r:') && !stored.includes('mia'), `kept by the browser: ${stored}`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Passphrase').waitFor();

  // A second session of the same page, with a socket of its own.
  await signIn(page, passphrase);
  await version(page, 'PORT', 2);
  await ask('PUT', `/classes/Secret/${port.objectId}`, { value: '3002' }, sessionToken);
  await version(page, 'PORT', 3);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Passphrase').waitFor();
  await Promise.all(seen.answers);
  assert.deepEqual(seen.wrong, []);
}

const executablePath = process.env.VAULT_TEST_CHROMIUM || '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: process.getuid() === 0 ? ['--no-sandbox'] : [] });
const page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
page.setDefaultTimeout(60_000);
try {
  await drive(page);
  console.log('ok');
} catch (error) {
  process.exitCode = 1;
  console.log(`${error.stack}\n${await page.content().catch(() => '')}`);
  if (process.env.VAULT_TEST_SHOTS) await page.screenshot({ path: `${process.env.VAULT_TEST_SHOTS}/failed.png` });
}
await browser.close();
