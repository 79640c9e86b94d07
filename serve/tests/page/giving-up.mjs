// Changes that leave nobody who can read or change an environment. They come last, because they can't be undone.

import assert from 'node:assert/strict';
import { Other, signIn, test, view } from './harness.mjs';

const button = (scope, name) => scope.getByRole('button', { name, exact: true });
const run = async (other, name, parameters) => (await other.ask('POST', `/parse/functions/${name}`, parameters)).result;

test('whoever removes the last writer of an environment is asked', async (page) => {
  const mia = await Other.signedIn();
  await run(mia, 'addUser', { username: 'ana', grants: [{ environment: 'dev', right: 'write' }] });
  await run(mia, 'grant', { username: 'mia', environment: 'dev', right: 'read' });
  await signIn(page);
  await view(page, 'Users');
  const remove = async () => {
    await button(page, 'Remove ana').click();
    await button(page.getByRole('dialog', { name: 'Remove ana?' }), 'Remove').click();
    return page.getByRole('dialog', { name: 'Leave dev behind?' });
  };
  const more = await remove();
  assert.match(await more.innerText(), /ana is the last writer of dev: nobody could change it any more\./);
  await button(more, 'Cancel').click();
  await page.getByRole('heading', { name: /ana/ }).waitFor();
  await button(await remove(), 'Change anyway').click();
  await page.getByText('Removed ana.').waitFor();
});

test('whoever lowers the last right to write is asked, after the reason', async (page) => {
  await signIn(page);
  await view(page, 'Users');
  await page.getByLabel('Right of mia on guarded').selectOption('read');
  await button(page.getByRole('dialog', { name: 'Change mia\'s right on guarded?' }), 'Change').click();
  await page.getByLabel('Why do you need it?').fill('to give it up');
  await page.keyboard.press('Enter');
  const more = page.getByRole('dialog', { name: 'Leave guarded behind?' });
  assert.match(await more.innerText(), /mia is the last writer of guarded: nobody could change it any more\./);
  await button(more, 'Change anyway').click();
  await page.getByText('mia has read on guarded now.').waitFor();
});
