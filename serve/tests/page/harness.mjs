// A browser with the page in it, and a small runner: each test has a context of its own.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const { chromium } = createRequire(`${process.env.VAULT_TEST_PLAYWRIGHT}/`)('playwright-core');

export const BASE = process.env.VAULT_TEST_BASE;
export const USERS = { mia: process.env.VAULT_TEST_MIA, noah: process.env.VAULT_TEST_NOAH };
export const DESK = { viewport: { width: 1280, height: 820 } };
export const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

const all = [];

/** Adds a test. */
export function test(name, run, options = DESK) {
  all.push({ name, run, options });
}

/** What a page may not say or ask for, whatever the test. What the server refuses is an answer, and no error here. */
function watch(page, wrong, allowed) {
  page.on('pageerror', (error) => wrong.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    const isRefusal = message.text().startsWith('Failed to load resource: the server responded with a status of 4');
    if (message.type() === 'error' && !isRefusal && !allowed?.test(message.text())) wrong.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(`${BASE}/`) && !request.url().startsWith('file:')) wrong.push(`asked elsewhere: ${request.url()}`);
  });
}

/** After so many failures the rest is not run: each may wait for a minute, and all of them have the same cause. */
const ENOUGH = 3;

/** Runs all tests. Returns how many failed. */
export async function runAll() {
  const isRoot = process.getuid() === 0;
  const executablePath = process.env.VAULT_TEST_CHROMIUM || '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args: isRoot ? ['--no-sandbox'] : [] });
  let failed = 0;
  for (const { name, run, options } of all.filter(({ name }) => name.includes(process.env.VAULT_TEST_ONLY ?? ''))) {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    const wrong = [];
    watch(page, wrong, options.allowed);
    try {
      await run(page, context);
      assert.deepEqual(wrong, []);
      console.log(`ok      ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED  ${name}\n${error.stack}\n${wrong.join('\n')}`);
      await shot(page, `failed-${failed}`).catch(() => {});
    }
    await context.close();
    if (failed === ENOUGH) {
      console.log(`FAILED  ${ENOUGH} tests; the rest was not run`);
      break;
    }
  }
  await browser.close();
  return failed;
}

/** Signs in on the page. */
export async function signIn(page, user = 'mia') {
  await page.goto(BASE);
  await page.getByLabel('User', { exact: true }).fill(user);
  await page.getByLabel('Passphrase', { exact: true }).fill(USERS[user]);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('table', { name: 'Items' }).waitFor();
}

/** Goes to a view. */
export function view(page, name) {
  return page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name, exact: typeof name === 'string' }).click();
}

/** The calls of the playground. */
export function calls(page) {
  return page.getByRole('navigation', { name: 'Calls' }).getByRole('button');
}

/** Sends the call of the playground, which must have a status; gives the answer as it stands there. */
export async function send(page, status) {
  await page.getByRole('button', { name: 'Send' }).click();
  const said = page.getByRole('status').filter({ hasText: 'Status' });
  await said.waitFor();
  assert.match(await said.innerText(), status);
  return page.getByLabel('Answer').innerText();
}

/** Opens the sheet of an item. */
export async function openItem(page, name, environment = 'dev') {
  const row = page.getByRole('row').filter({ has: page.getByRole('cell', { name: environment, exact: true }) });
  await row.getByRole('button', { name, exact: true }).click();
  const sheet = page.getByRole('dialog', { name, exact: true });
  await sheet.getByText('Version 1', { exact: true }).waitFor();
  return sheet;
}

/** Waits until a check holds. */
export async function eventually(check) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await check();
    } catch (error) {
      if (tries === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Another client of the same server. */
export class Other {
  static async signedIn(user = 'mia') {
    const other = new Other();
    const { sessionToken } = await other.ask('POST', '/parse/login', { username: user, password: USERS[user] });
    other.token = sessionToken;
    return other;
  }

  async ask(method, path, body, headers = {}) {
    const token = this.token ? { 'X-Parse-Session-Token': this.token } : {};
    const response = await fetch(BASE + path, {
      method, headers: { 'Content-Type': 'application/json', 'X-Parse-Application-Id': 'other', ...token, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer = await response.json();
    assert.ok(response.ok, `${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  }

  async make(name, value, more = {}) {
    const { objectId } = await this.ask('POST', '/parse/classes/Secret', { name, value, environment: 'dev', ...more });
    return objectId;
  }

  async log() {
    return (await this.ask('GET', '/parse/classes/AccessLog?order=-accessTime&limit=200')).results;
  }
}

/** A picture, where a directory for them is named. */
export async function shot(page, name) {
  if (process.env.VAULT_TEST_SHOTS) await page.screenshot({ path: `${process.env.VAULT_TEST_SHOTS}/${name}.png` });
}
