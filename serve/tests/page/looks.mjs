// How it looks: on a phone, in the dark, and without anything that jumps.

import assert from 'node:assert/strict';
import { DESK, Other, PHONE, openItem, shot, signIn, test, view } from './harness.mjs';

const VIEWS = ['Items', /Due/, 'Log', 'Users', 'Playground'];

/** Text whose contrast with what is behind it is less than 4.5 to 1 (WCAG 2.2, 1.4.3). */
const faint = (page) => page.evaluate(() => {
  const numbers = (color) => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = numbers(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
      // Under a dialog lies its backdrop, and not the page.
      if (at.tagName === 'DIALOG') break;
    }
    return numbers(getComputedStyle(document.body).backgroundColor);
  };
  const found = [];
  const walker = document.createTreeWalker(document.querySelector('dialog') ?? document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.checkVisibility() || node.closest('.unseen, .skip, noscript, option')) continue;
    const [one, other] = [light(numbers(getComputedStyle(node).color)), light(behind(node))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (other + 0.05);
    if (contrast < 4.5) found.push(`${contrast.toFixed(2)}: ${walker.currentNode.data.trim().slice(0, 40)}`);
  }
  return found;
});

const overflows = (page) => page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

async function look(page, name, each) {
  await signIn(page);
  for (const [place, title] of VIEWS.entries()) {
    await view(page, title);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByText('Loading…').waitFor({ state: 'detached' });
    await each(String(title));
    await shot(page, `${name}-${place + 1}`);
  }
  await view(page, 'Items');
  await openItem(page, 'STRIPE_KEY');
  await each('an item');
  await shot(page, `${name}-item`);
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await each('a form');
  await shot(page, `${name}-form`);
}

for (const colorScheme of ['light', 'dark']) {
  test(`text can be read at a desk, ${colorScheme}`, (page) => look(page, `desk-${colorScheme}`, async (what) => {
    assert.deepEqual(await faint(page), [], what);
  }), { ...DESK, colorScheme });

  test(`nothing is too wide for a phone, ${colorScheme}`, (page) => look(page, `phone-${colorScheme}`, async (what) => {
    assert.ok(!await overflows(page), `${what} is too wide`);
    assert.deepEqual(await faint(page), [], what);
  }), { ...PHONE, colorScheme });
}

test('an environment stands in one line on a phone, beside what is due', async (page) => {
  const other = await Other.signedIn();
  const id = await other.make('OVERDUE', 'x', { environment: 'prod', kind: 'variable', expiresAt: { __type: 'Date', iso: '2020-01-01T00:00:00.000Z' } });
  await signIn(page);
  await page.getByRole('row', { name: /OVERDUE.*2020-01-01/ }).waitFor();
  await shot(page, 'phone-overdue');
  const broken = await page.evaluate(() => [...document.querySelectorAll('.items td.environment')]
    .filter((cell) => cell.clientHeight > 2 * parseFloat(getComputedStyle(cell).fontSize) + 8)
    .map((cell) => `${cell.textContent}: ${cell.clientHeight} px`));
  assert.deepEqual(broken, []);
  await other.ask('DELETE', `/parse/classes/Secret/${id}`);
}, PHONE);

test('light and dark follow the system', async (page) => {
  await signIn(page);
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await ground();
  await page.emulateMedia({ colorScheme: 'dark' });
  assert.notEqual(await ground(), light);
});

test('what is touched on a phone is large enough', async (page) => {
  await signIn(page);
  const small = await page.evaluate(() => [...document.querySelectorAll('main button:not(.link), main select, main input, #tabs a')]
    .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 44).map((node) => node.textContent));
  assert.deepEqual(small, []);
}, PHONE);

test('nothing jumps', async (page) => {
  await page.addInitScript(() => {
    window.jumps = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.jumps += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await signIn(page);
  const sheet = await openItem(page, 'STRIPE_KEY');
  const before = await sheet.locator('.facts').boundingBox();
  await sheet.getByRole('button', { name: 'Reveal' }).click();
  await sheet.getByText('sk_test_51HxAmple').waitFor();
  assert.deepEqual(await sheet.locator('.facts').boundingBox(), before);
  await page.keyboard.press('Escape');
  for (const title of VIEWS) {
    await view(page, title);
    await page.getByRole('heading', { level: 1 }).waitFor();
  }
  assert.ok(await page.evaluate(() => window.jumps) < 0.1, 'the sum of layout shifts (web.dev/cls) is good below 0.1');
});
