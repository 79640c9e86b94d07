// Making, changing and removing, and rights.

import assert from 'node:assert/strict';
import { Other, eventually, openItem, shot, signIn, test, view } from './harness.mjs';

const button = (place, name) => place.getByRole('button', { name, exact: true });

async function find(other, name) {
  const where = encodeURIComponent(JSON.stringify({ name }));
  return (await other.ask('GET', `/parse/classes/Secret?where=${where}`)).results[0];
}

test('an item is made, edited, rotated, restored and deleted', async (page) => {
  const other = await Other.signedIn();
  await signIn(page);
  await button(page, 'New item').click();
  const form = page.getByRole('dialog', { name: 'New item' });
  await button(form, 'Save').click();
  assert.match(await form.getByRole('alert').innerText(), /Give it a name/);
  await form.getByLabel('Name').fill('not a name');
  await form.getByLabel('Value').fill('first');
  await button(form, 'Save').click();
  await eventually(async () => assert.match(await form.getByRole('alert').innerText(), /not a valid item name/));
  await form.getByLabel('Name').fill('PAGE_ITEM');
  await form.getByLabel('Kind').selectOption('api-key');
  await form.getByLabel('Note').fill('made on the page');
  await form.getByLabel('Tags').fill('eu billing');
  await form.getByLabel('Expires').fill('2031-05-01');
  await shot(page, 'new-item');
  await button(form, 'Save').click();
  await form.waitFor({ state: 'detached' });
  const made = await find(other, 'PAGE_ITEM');
  assert.deepEqual([made.kind, made.note, made.tags, made.expiresAt.iso, made.version],
    ['api-key', 'made on the page', ['eu', 'billing'], '2031-05-01T00:00:00.000Z', 1]);

  const sheet = await openItem(page, 'PAGE_ITEM');
  await button(sheet, 'Edit').click();
  const edit = page.getByRole('dialog', { name: 'Edit PAGE_ITEM' });
  await edit.getByLabel('Note').fill('');
  await edit.getByLabel('Tags').fill('eu');
  await button(edit, 'Save').click();
  await edit.waitFor({ state: 'detached' });
  const edited = await find(other, 'PAGE_ITEM');
  assert.deepEqual([edited.note, edited.tags, edited.version, edited.expiresAt.iso], [undefined, ['eu'], 1, '2031-05-01T00:00:00.000Z']);

  await button(sheet, 'Rotate').click();
  await button(page.getByRole('dialog', { name: 'Rotate PAGE_ITEM?' }), 'Rotate').click();
  await sheet.getByText('Version 2', { exact: true }).waitFor();
  const rotated = await other.ask('GET', `/parse/classes/Secret/${made.objectId}`);
  assert.match(rotated.value, /^[A-Za-z0-9]{32}$/);
  await button(sheet, 'Roll back to version 1').click();
  await button(page.getByRole('dialog', { name: 'Roll back to version 1?' }), 'Roll back').click();
  await sheet.getByText('Version 3', { exact: true }).waitFor();
  assert.equal((await other.ask('GET', `/parse/classes/Secret/${made.objectId}`)).value, 'first');

  await button(sheet, 'Delete').click();
  const sure = page.getByRole('dialog', { name: 'Delete PAGE_ITEM?' });
  await button(sure, 'Cancel').click();
  assert.ok(await find(other, 'PAGE_ITEM'));
  await button(sheet, 'Delete').click();
  await button(sure, 'Delete').click();
  await sheet.waitFor({ state: 'detached' });
  assert.equal(await find(other, 'PAGE_ITEM'), undefined);
  const actions = (await other.log()).filter((entry) => entry.program === 'page' && entry.secrets.includes('PAGE_ITEM')).map((entry) => entry.action);
  for (const action of ['set', 'rotate', 'rollback', 'remove']) assert.ok(actions.includes(action), `${action} is not in ${actions}`);
});

test('a generated value is random, and of letters and digits', async (page) => {
  await signIn(page);
  await button(page, 'New item').click();
  const form = page.getByRole('dialog', { name: 'New item' });
  const seen = new Set();
  for (let count = 0; count < 5; count += 1) {
    await button(form, 'Generate').click();
    const value = await form.getByLabel('Value').inputValue();
    assert.match(value, /^[A-Za-z0-9]{32}$/);
    seen.add(value);
  }
  assert.equal(seen.size, 5);
});

test('a lost update is refused, and says so', async (page) => {
  const other = await Other.signedIn();
  const id = await other.make('CONTESTED', 'one');
  await signIn(page);
  const sheet = await openItem(page, 'CONTESTED');
  await button(sheet, 'Edit').click();
  const edit = page.getByRole('dialog', { name: 'Edit CONTESTED' });
  await edit.getByLabel('New value').fill('mine');
  await other.ask('PUT', `/parse/classes/Secret/${id}`, { value: 'theirs' });
  await button(edit, 'Save').click();
  await eventually(async () => assert.match(await edit.getByRole('alert').innerText(), /Somebody changed this item/));
  assert.equal((await other.ask('GET', `/parse/classes/Secret/${id}`)).value, 'theirs');
  await other.ask('DELETE', `/parse/classes/Secret/${id}`);
});

test('who may only read sees nothing to change', async (page) => {
  await signIn(page, 'noah');
  assert.equal(await button(page, 'New item').count(), 0);
  const sheet = await openItem(page, 'STRIPE_KEY');
  await sheet.getByText('You can read dev but not change it.').waitFor();
  for (const name of ['Edit', 'Rotate', 'Delete', 'Roll back to version 1']) assert.equal(await button(sheet, name).count(), 0, name);
  await page.keyboard.press('Escape');
  await view(page, 'Users');
  await page.getByRole('heading', { name: /noah/ }).waitFor();
  assert.equal(await page.getByRole('combobox').count(), 0);
});

test('a right is given and taken, and what was known is named', async (page) => {
  const other = await Other.signedIn();
  await signIn(page);
  await view(page, 'Users');
  await shot(page, 'users');
  const right = page.getByLabel('Right of noah on prod');
  await right.selectOption('write');
  await button(page.getByRole('dialog', { name: /Change noah's right on prod/ }), 'Cancel').click();
  await eventually(async () => assert.equal(await right.inputValue(), 'none'));
  await right.selectOption('read');
  await button(page.getByRole('dialog', { name: /Change noah's right on prod/ }), 'Change').click();
  await page.getByText('noah has read on prod now.').waitFor();
  const rights = async () => (await other.ask('GET', '/parse/users')).results.find((user) => user.username === 'noah').grants;
  assert.deepEqual(await rights(), [{ environment: 'dev', right: 'read' }, { environment: 'prod', right: 'read' }]);
  await right.selectOption('none');
  await button(page.getByRole('dialog', { name: /Change noah's right on prod/ }), 'Change').click();
  const known = page.getByRole('dialog', { name: 'noah knew these' });
  await known.getByText('TOKEN').waitFor();
  assert.deepEqual(await rights(), [{ environment: 'dev', right: 'read' }]);
  await page.keyboard.press('Escape');
  await view(page, /Due/);
  await page.getByRole('row', { name: /TOKEN .*prod .*Due/ }).waitFor();
});
