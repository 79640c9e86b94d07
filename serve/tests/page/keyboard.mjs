// By keyboard alone, and what a screen reader is told.

import assert from 'node:assert/strict';
import { BASE, USERS, eventually, openItem, signIn, test, view } from './harness.mjs';

const focused = (page) => page.evaluate(() => {
  const node = document.activeElement;
  return node.getAttribute('aria-label') ?? (node.labels?.[0]?.textContent || node.textContent.trim());
});

test('everything is done by keyboard', async (page) => {
  await page.goto(BASE);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await eventually(async () => assert.equal(await focused(page), 'User'));
  await page.keyboard.type('mia');
  await page.keyboard.press('Tab');
  await page.keyboard.type(USERS.mia);
  await page.keyboard.press('Enter');
  await page.getByRole('table', { name: 'Items' }).waitFor();
  await page.keyboard.press('/');
  assert.equal(await focused(page), 'Search items by name, note or tag');
  await page.keyboard.type('stripe');
  const path = [];
  for (let count = 0; count < 4; count += 1) {
    await page.keyboard.press('Tab');
    path.push(await focused(page));
  }
  assert.deepEqual(path, ['Kind', 'New item', 'STRIPE_KEY', 'Copy STRIPE_KEY of dev']);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  const sheet = page.getByRole('dialog', { name: 'STRIPE_KEY' });
  await sheet.waitFor();
  await eventually(async () => assert.equal(await focused(page), 'STRIPE_KEY'));
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Close');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Reveal');
  await page.keyboard.press('Enter');
  await sheet.getByText('sk_test_51HxAmple').waitFor();
  assert.equal(await focused(page), 'Hide');
  await page.keyboard.press('Escape');
  await sheet.waitFor({ state: 'detached' });
  assert.equal(await focused(page), 'STRIPE_KEY', 'the focus goes back to where it was');
});

test('the first stop is a link over the bar', async (page) => {
  await page.goto(`${BASE}/playground`);
  await page.getByRole('heading', { name: 'Playground' }).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Skip to content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  assert.equal(page.url(), `${BASE}/playground`);
});

test('the focus is seen wherever it is', async (page) => {
  await signIn(page);
  for (let count = 0; count < 12; count += 1) {
    await page.keyboard.press('Tab');
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(outline, 'none', await focused(page));
  }
});

/** What is wrong for a screen reader with what is on the page now. */
const faults = (page) => page.evaluate(() => {
  const found = [];
  const isShown = (node) => node.checkVisibility({ visibilityProperty: true });
  const text = (node) => node?.textContent.trim() ?? '';
  for (const node of [...document.querySelectorAll('button, a, input, select, textarea, summary, dialog, nav, [role="table"]')].filter(isShown)) {
    const by = node.getAttribute('aria-labelledby')?.split(' ').map((id) => text(document.getElementById(id))).join('');
    const name = node.getAttribute('aria-label') || by || node.labels?.length && text(node.labels[0])
      || (/^(BUTTON|A|SUMMARY)$/.test(node.tagName) && text(node)) || text(node.querySelector(':scope > caption'));
    if (!name) found.push(`no name: ${node.outerHTML.slice(0, 120)}`);
  }
  for (const attribute of ['aria-labelledby', 'aria-describedby', 'for']) {
    for (const node of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of node.getAttribute(attribute).split(' ')) {
        if (!document.getElementById(id)) found.push(`${attribute} leads nowhere: ${id}`);
      }
    }
  }
  const ids = [...document.querySelectorAll('[id]')].map((node) => node.id);
  ids.filter((id, place) => ids.indexOf(id) !== place).forEach((id) => found.push(`id twice: ${id}`));
  if (document.documentElement.lang !== 'en') found.push('no language');
  if (document.querySelectorAll('main').length !== 1) found.push('not one main');
  if (document.querySelectorAll('main h1').length !== 1) found.push('not one h1');
  if (!document.title) found.push('no title');
  const levels = [...document.querySelectorAll('main :is(h1, h2, h3)')].map((node) => Number(node.tagName[1]));
  levels.forEach((level, place) => place && level > levels[place - 1] + 1 && found.push(`a heading of level ${level} after ${levels[place - 1]}`));
  for (const node of document.querySelectorAll('[tabindex]')) if (Number(node.getAttribute('tabindex')) > 0) found.push('an order of its own');
  for (const node of document.querySelectorAll('table')) if (!node.querySelector('th[scope="col"]')) found.push('a table without heads');
  return found;
});

test('controls have names, headings an order, and references a target', async (page) => {
  await page.goto(BASE);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.deepEqual(await faults(page), []);
  await signIn(page);
  assert.deepEqual(await faults(page), []);
  await openItem(page, 'STRIPE_KEY');
  assert.deepEqual(await faults(page), []);
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  assert.deepEqual(await faults(page), []);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  for (const name of [/Due/, 'Log', 'Users', 'Playground']) {
    await view(page, name);
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.deepEqual(await faults(page), [], String(name));
  }
});

test('what happens is said aloud', async (page) => {
  await signIn(page);
  const status = page.locator('#toasts');
  assert.deepEqual([await status.getAttribute('role'), await status.getAttribute('aria-live')], ['status', 'polite']);
  await page.getByRole('searchbox').fill('stripe');
  await page.getByRole('status').filter({ hasText: '1 item' }).waitFor();
});
