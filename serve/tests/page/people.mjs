// Users: asking to be added, adding, roles and removing.

import assert from 'node:assert/strict';
import { BASE, Other, PHONE, eventually, shot, signIn, test, view } from './harness.mjs';

const EVA = 'seven-otters-3-sleep';
const button = (scope, name) => scope.getByRole('button', { name, exact: true });
const names = async (other) => (await other.ask('GET', '/parse/users')).results.map((user) => user.username);

test('who asks on the page is added by an admin, and signs in', async (page, context) => {
  await page.goto(BASE);
  await page.getByText('Ask to be added').click();
  await page.getByLabel('New user').fill('eva');
  await page.getByLabel('New passphrase').fill('password');
  await button(page, 'Ask').click();
  assert.match(await page.getByRole('alert').innerText(), /too easy to guess/);
  await page.getByLabel('New passphrase').fill(EVA);
  await button(page, 'Ask').click();
  assert.match(await page.getByLabel('Recovery key').innerText(), /^AGE-SECRET-KEY-1/);
  const fingerprint = /compare: ([0-9a-f ]{24})/.exec(await page.locator('main').innerText())[1];
  await shot(page, 'asked');

  const admin = await context.newPage();
  await signIn(admin);
  await view(admin, 'Users');
  await admin.getByRole('heading', { name: 'Waiting to be added' }).waitFor();
  await shot(admin, 'users-waiting');
  // By keyboard alone.
  await button(admin, 'Add eva').focus();
  await admin.keyboard.press('Enter');
  const dialog = admin.getByRole('dialog', { name: 'Add eva' });
  assert.ok((await dialog.innerText()).includes(fingerprint), 'the same on both sides');
  await shot(admin, 'add-eva');
  await dialog.getByLabel('Right on dev').selectOption('read');
  await dialog.getByLabel('E-mail').focus();
  await admin.keyboard.press('Enter');
  await admin.getByText('eva was added').waitFor();
  await eventually(async () => assert.equal(await admin.getByRole('heading', { name: 'Waiting to be added' }).count(), 0));
  await admin.close();

  await page.reload();
  await page.getByLabel('User', { exact: true }).fill('eva');
  await page.getByLabel('Passphrase', { exact: true }).fill(EVA);
  await button(page, 'Sign in').click();
  await page.getByRole('table', { name: 'Items' }).waitFor();
  await view(page, 'Users');
  await page.getByRole('heading', { name: /eva/ }).waitFor();
  assert.equal(await button(page, 'Add user').count(), 0, 'that is for admins');
  assert.equal(await page.getByRole('button', { name: /^Remove/ }).count(), 0);
});

test('an admin adds a user with a key, changes the role and removes them', async (page) => {
  const other = await Other.signedIn();
  await signIn(page);
  await view(page, 'Users');
  await button(page, 'Add user').click();
  const dialog = page.getByRole('dialog', { name: 'Add a user' });
  await dialog.getByLabel('User', { exact: true }).fill('No Name');
  await button(dialog, 'Add').click();
  assert.match(await dialog.getByRole('alert').innerText(), /name/);
  await dialog.getByLabel('User', { exact: true }).fill('ben');
  await dialog.getByLabel('Right on dev').selectOption('write');
  await button(dialog, 'Add').click();
  assert.match(await page.getByLabel('Key of ben', { exact: true }).last().innerText(), /^AGE-SECRET-KEY-1/);
  await page.keyboard.press('Escape');
  await page.getByLabel('Role of ben').selectOption('admin');
  await button(page.getByRole('dialog', { name: 'Make ben an admin?' }), 'Change').click();
  await page.getByText('ben is an admin now.').waitFor();
  await button(page, 'Remove ben').click();
  await button(page.getByRole('dialog', { name: 'Remove ben?' }), 'Cancel').click();
  assert.ok((await names(other)).includes('ben'));
  await button(page, 'Remove ben').click();
  await button(page.getByRole('dialog', { name: 'Remove ben?' }), 'Remove').click();
  await page.getByText('Removed ben.').waitFor();
  assert.ok(!(await names(other)).includes('ben'));
  assert.equal(await page.getByLabel('Role of mia').count(), 0, 'nobody changes their own role here');
});

test('the server decides where a demotion leaves nobody who gives rights, and the page asks', async (page) => {
  const mia = await Other.signedIn();
  const run = async (other, name, parameters) => (await other.ask('POST', `/parse/functions/${name}`, parameters)).result;
  const { key } = await run(mia, 'addUser', { username: 'ana', role: 'admin', grants: [{ environment: 'dev', right: 'write' }] });
  const ana = new Other();
  ana.token = (await ana.ask('POST', '/parse/users', { username: 'ana', password: EVA, invitation: key })).sessionToken;
  await run(mia, 'grant', { username: 'mia', environment: 'dev', right: 'read' });
  await signIn(page);
  await view(page, 'Users');
  await page.getByLabel('Role of ana').focus();
  await page.getByLabel('Role of ana').selectOption('member');
  await button(page.getByRole('dialog', { name: 'Make ana a member?' }), 'Change').click();
  const more = page.getByRole('dialog', { name: 'Leave dev behind?' });
  assert.match(await more.innerText(), /ana is the last admin who writes dev: nobody could give rights on it any more\./);
  // By keyboard alone. Whoever cancels stands where they were, and nothing has changed.
  await eventually(async () => assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Cancel'));
  await page.keyboard.press('Enter');
  await eventually(async () => assert.equal(await page.getByLabel('Role of ana').inputValue(), 'admin'));
  await eventually(async () => assert.equal(await page.evaluate(() => document.activeElement.ariaLabel), 'Role of ana'));
  await page.getByLabel('Role of ana').selectOption('member');
  await button(page.getByRole('dialog', { name: 'Make ana a member?' }), 'Change').click();
  await button(page.getByRole('dialog', { name: 'Leave dev behind?' }), 'Change anyway').click();
  await page.getByText('ana is a member now.').waitFor();
  const left = page.getByRole('dialog', { name: 'What is left to do' });
  assert.match(await left.innerText(), /No admin writes dev any more.*: ana\./);
  await page.keyboard.press('Escape');
  await run(mia, 'setRole', { username: 'ana', role: 'admin' });
  await run(ana, 'grant', { username: 'mia', environment: 'dev', right: 'write' });
  await run(mia, 'removeUser', { username: 'ana' });
});

test('users fit on a phone', async (page) => {
  await signIn(page);
  await view(page, 'Users');
  await button(page, 'Add user').waitFor();
  await page.getByLabel('Role of noah').waitFor();
  await shot(page, 'users-phone');
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${wide} px too wide`);
  await button(page, 'Add user').click();
  await shot(page, 'add-user-phone');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
}, PHONE);
