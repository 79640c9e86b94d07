// Finding, revealing and copying.

import assert from 'node:assert/strict';
import { DESK, Other, eventually, openItem, shot, signIn, test, view } from './harness.mjs';

const names = (page) => page.getByRole('table', { name: 'Items' }).getByRole('rowheader').getByRole('button').allInnerTexts();

test('search, kind and environment narrow the list', async (page) => {
  await signIn(page);
  const search = page.getByRole('searchbox');
  await search.fill('stripe');
  assert.deepEqual(await names(page), ['STRIPE_KEY']);
  await search.fill('token');
  assert.deepEqual(await names(page), ['TOKEN', 'TOKEN']);
  await page.getByRole('navigation', { name: 'Environments' }).getByRole('button', { name: /prod/ }).click();
  assert.deepEqual(await names(page), ['TOKEN']);
  await search.fill('');
  await page.getByRole('navigation', { name: 'Environments' }).getByRole('button', { name: /dev/ }).click();
  await page.getByLabel('Kind').selectOption('api-key');
  assert.ok((await names(page)).includes('STRIPE_KEY') && !(await names(page)).includes('PORT'));
  await search.fill('nothing-has-this');
  await page.getByText('Nothing matches.').waitFor();
});

test('a value is revealed after its entry, and hidden again after 30 seconds', async (page) => {
  const other = await Other.signedIn();
  await page.clock.install();
  await signIn(page);
  const sheet = await openItem(page, 'STRIPE_KEY');
  assert.ok(!(await page.content()).includes('sk_test_51HxAmple'));
  const value = sheet.locator('output');
  await sheet.getByRole('button', { name: 'Reveal' }).click();
  await eventually(async () => assert.equal(await value.innerText(), 'sk_test_51HxAmple'));
  const [entry] = (await other.log()).filter((entry) => entry.program === 'page' && entry.action === 'get');
  assert.deepEqual([entry.secrets, entry.environment, entry.outcome], [['STRIPE_KEY'], 'dev', 'ok']);
  await shot(page, 'revealed');
  // The page's clock goes on by itself, too: the first step leaves time for a slow machine.
  await page.clock.runFor(10_000);
  assert.equal(await value.innerText(), 'sk_test_51HxAmple');
  await page.clock.runFor(21_000);
  await eventually(async () => assert.ok(!(await page.content()).includes('sk_test_51HxAmple')));
  // The log on the page has it, too.
  await page.keyboard.press('Escape');
  await view(page, 'Log');
  await page.getByRole('row', { name: /get .*dev \/ STRIPE_KEY page/ }).first().waitFor();
});

test('closing an item hides its value', async (page) => {
  await signIn(page);
  const sheet = await openItem(page, 'STRIPE_KEY');
  await sheet.getByRole('button', { name: 'Reveal' }).click();
  await sheet.getByText('sk_test_51HxAmple').waitFor();
  await page.keyboard.press('Escape');
  await eventually(async () => assert.ok(!(await page.content()).includes('sk_test_51HxAmple')));
});

test('copying is logged, and the clipboard is emptied', async (page, context) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const other = await Other.signedIn();
  const before = (await other.log()).filter((entry) => entry.action === 'get').length;
  await page.clock.install();
  await signIn(page);
  await page.getByRole('button', { name: 'Copy PORT of dev' }).click();
  await page.getByText('Copied PORT.').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), '3000');
  assert.equal((await other.log()).filter((entry) => entry.action === 'get').length, before + 1);
  await page.clock.runFor(31_000);
  await eventually(async () => assert.equal(await page.evaluate(() => navigator.clipboard.readText()), ''));
});

test('bytes that are no text are shown in base64', async (page) => {
  await signIn(page);
  const sheet = await openItem(page, 'BINARY');
  await sheet.getByRole('button', { name: 'Reveal' }).click();
  await sheet.getByText('/wA=').waitFor();
  await page.getByText('shown in base64').waitFor();
});

test('a protected environment asks for a reason, which the log has', async (page) => {
  const other = await Other.signedIn();
  await signIn(page);
  const sheet = await openItem(page, 'BEHIND_A_REASON', 'guarded');
  await sheet.getByRole('button', { name: 'Reveal' }).click();
  const ask = page.getByRole('dialog', { name: 'guarded is protected' });
  await page.keyboard.press('Escape');
  await ask.waitFor({ state: 'detached' });
  await sheet.getByRole('button', { name: 'Reveal' }).click();
  await ask.getByRole('button', { name: 'Continue' }).click();
  await ask.getByText('Give a reason, in a few words').waitFor();
  await ask.getByLabel('Why do you need it?').fill('für Zoë');
  await page.keyboard.press('Enter');
  await sheet.getByText('s3cret-with-a-reason').waitFor();
  const given = (await other.log()).filter((entry) => entry.secrets.includes('BEHIND_A_REASON') && entry.action === 'get');
  assert.deepEqual(given.map((entry) => [entry.reason, entry.outcome]), [['für Zoë', 'ok']]);
});

test('hostile texts stay text', async (page) => {
  const other = await Other.signedIn();
  const html = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';
  const turned = 'abc\u202edef\u200b';
  await other.make('HOSTILE', `${html}${turned}`, { note: `${html}${turned}`, provider: html, kind: 'api-key' });
  await other.ask('GET', '/parse/users/me', undefined, { 'X-Vault-Client': html });
  const id = (await other.ask('GET', `/parse/classes/Secret?where=${encodeURIComponent('{"name":"HOSTILE"}')}`)).results[0].objectId;
  await other.ask('GET', `/parse/classes/Secret/${id}`, undefined, { 'X-Vault-Client': html, 'X-Vault-Reason': html });
  await signIn(page);
  const sheet = await openItem(page, 'HOSTILE');
  await sheet.getByRole('button', { name: 'Reveal' }).click();
  await eventually(async () => assert.equal(await sheet.locator('output').innerText(), `${html}abc\\u{202e}def\\u{200b}`));
  assert.ok((await sheet.innerText()).includes('abc\\u{202e}def\\u{200b}'));
  await page.keyboard.press('Escape');
  await view(page, 'Log');
  await page.getByRole('cell', { name: html }).first().waitFor();
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.equal(await page.locator('img, main script').count(), 0);
  await other.ask('DELETE', `/parse/classes/Secret/${id}`);
});

test('no script can make HTML of a text, whoever wrote it', async (page) => {
  await signIn(page);
  const refused = await page.evaluate(() => {
    try {
      document.body.innerHTML = '<b>x</b>';
      return false;
    } catch {
      return true;
    }
  });
  assert.ok(refused);
}, { ...DESK, allowed: /TrustedHTML/ });

test('the log grows while it is looked at', async (page) => {
  const other = await Other.signedIn();
  await signIn(page);
  await view(page, 'Log');
  await page.getByRole('table', { name: /Access log/ }).waitFor();
  const id = await other.make('SEEN_IN_THE_LOG', 'v');
  await page.getByRole('row', { name: /set .*SEEN_IN_THE_LOG other/ }).waitFor();
  await page.getByText('Live', { exact: true }).waitFor();
  await page.getByLabel('Filter the log').fill('seen_in_the_log');
  await eventually(async () => assert.equal(await page.getByRole('row').count(), 2));
  await other.ask('DELETE', `/parse/classes/Secret/${id}`);
});

test('what another client changes is seen in the list', async (page) => {
  const other = await Other.signedIn();
  await signIn(page);
  const id = await other.make('FROM_ELSEWHERE', 'v');
  await page.getByRole('button', { name: 'FROM_ELSEWHERE', exact: true }).waitFor();
  await other.ask('DELETE', `/parse/classes/Secret/${id}`);
  await page.getByRole('button', { name: 'FROM_ELSEWHERE', exact: true }).waitFor({ state: 'detached' });
});

test('changes are told by the server: a page that is looked at asks for nothing', async (page) => {
  const other = await Other.signedIn();
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.clock.install();
  await signIn(page);
  await eventually(async () => {
    await page.clock.runFor(1000);
    assert.ok(asked.includes('/events'));
  });
  const id = await other.make('TOLD_BY_THE_SERVER', 'v');
  await eventually(async () => {
    await page.clock.runFor(1000);
    assert.ok(await page.getByRole('button', { name: 'TOLD_BY_THE_SERVER', exact: true }).isVisible());
  });
  // What the change itself makes the page ask for ends before the minute begins.
  let before;
  await eventually(async () => {
    before = asked.length;
    await page.clock.runFor(3_000);
    // On a busy machine the server may tell of the change's log entry later than of the change.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    assert.equal(asked.length, before);
  });
  await page.clock.runFor(60_000);
  assert.deepEqual(asked.slice(before), []);
  // Nobody is here any more: the stream is closed, and opened again when somebody comes back.
  await page.clock.runFor(2 * 60_000);
  await page.mouse.move(100, 200);
  await page.clock.runFor(2000);
  await eventually(async () => assert.equal(asked.filter((path) => path === '/events').length, 2));
  await other.ask('DELETE', `/parse/classes/Secret/${id}`);
});

test('what expires is shown under Due', async (page) => {
  const other = await Other.signedIn();
  const iso = new Date(Date.now() + 3 * 86400e3).toISOString().replace(/\.\d+Z/, '.000Z');
  const id = await other.make('EXPIRES_SOON', 'v', { expiresAt: { __type: 'Date', iso } });
  await signIn(page);
  await view(page, /Due/);
  await page.getByRole('row', { name: /EXPIRES_SOON .*Expires in 2 d/ }).waitFor();
  await other.ask('DELETE', `/parse/classes/Secret/${id}`);
});
