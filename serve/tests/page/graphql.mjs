// GraphQL in the playground, with made-up data and with the vault.

import assert from 'node:assert/strict';
import { BASE, Other, calls, eventually, send, shot, signIn, test, view } from './harness.mjs';

/** What is answered, as JSON. */
const asked = async (page, status) => JSON.parse(await send(page, status));

/** Two answers must have the same fields, whatever is in them. Where there is nothing in one, there is nothing to compare. */
function same(one, other, at = 'data') {
  if (one === null || other === null) return;
  assert.equal(typeof one, typeof other, at);
  if (Array.isArray(one)) {
    if (one.length && other.length) same(one[0], other[0], `${at}[0]`);
  } else if (typeof one === 'object') {
    // Fields come in the order in which they were asked for; what a function gives has an order of its own.
    const names = (object) => (at.includes('.result') ? Object.keys(object).sort() : Object.keys(object));
    assert.deepEqual(names(one), names(other), at);
    for (const name of Object.keys(one)) same(one[name], other[name], `${at}.${name}`);
  }
}

test('every example of GraphQL works on made-up data without a login, and asks nobody', async (page) => {
  const paths = [];
  page.on('request', (request) => paths.push(new URL(request.url()).pathname));
  await page.goto(`${BASE}/playground`);
  await page.getByLabel('GraphQL').check();
  const count = await calls(page).count();
  assert.ok(count > 30, `${count} calls`);
  for (let place = 0; place < count; place += 1) {
    await calls(page).nth(place).click();
    const answer = await asked(page, /Status 200, .*made-up data/);
    assert.ok(answer.data && !answer.errors, JSON.stringify(answer));
  }
  assert.deepEqual(paths.filter((path) => path.startsWith('/parse') || path.startsWith('/graphql')), []);
  await shot(page, 'playground-graphql');
});

test('made-up data answers GraphQL as the server does', async (page) => {
  await page.goto(`${BASE}/playground`);
  await page.getByLabel('GraphQL').check();
  const query = page.getByLabel('Query');
  const variables = page.getByLabel('Variables');
  await variables.fill('{"id": "U2VjcmV0OjAzMDMwMzAzMDMwMzAzMDMwMzAzMDMwMzAzMDMwMzAz"}');
  await query.fill('query A($id: ID!, $no: Boolean = false) { a: secret(id: $id) { ...f value @include(if: $no) } node(id: $id) { __typename ... on Secret { value } } } fragment f on Secret { name owner { username } }');
  assert.deepEqual((await asked(page, /Status 200/)).data, {
    a: { name: 'STRIPE_KEY', owner: { username: 'mia' } }, node: { __typename: 'Secret', value: 'sk_test_madeUp51HxAmple' },
  });
  await query.fill('{ secrets { edges { node { name value } } } }');
  const { errors: [listed] } = await asked(page, /Status 200/);
  assert.deepEqual([listed.extensions.code, listed.message], [102, 'value is not given in a list']);
  await query.fill('{ secrets(where: { name: { equalTo: "PORT" } }) { count pageInfo { hasNextPage } } }');
  assert.deepEqual((await asked(page, /Status 200/)).data, { secrets: { count: 1, pageInfo: { hasNextPage: false } } });
  await query.fill('{ secrets(');
  assert.match((await asked(page, /Status 200/)).errors[0].message, /ends too early/);
  await variables.fill('{"id":');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('The variables are not JSON').waitFor();
});

test('examples of GraphQL go to the vault once somebody has signed in, and give what made-up data gives', async (page) => {
  const other = await Other.signedIn();
  await signIn(page);
  await view(page, 'Playground');
  await page.getByLabel('GraphQL').check();
  const groups = page.getByRole('navigation', { name: 'Calls' });
  const given = async () => (await other.log()).filter((entry) => entry.action === 'get' && entry.outcome === 'ok').length;
  const before = await given();
  const both = async (name, place) => {
    const answers = [];
    for (const data of ['Made-up data', 'This vault']) {
      await page.getByLabel(data).check();
      await groups.getByRole('button', { name, exact: true }).nth(place).click();
      await page.getByLabel('Reason for the log').fill('to try it out');
      answers.push(await asked(page, /Status 200/));
    }
    assert.deepEqual(answers.map(({ errors }) => errors), [undefined, undefined], JSON.stringify(answers));
    same(answers[1].data, answers[0].data);
  };
  await both('Who am I', 0);
  for (let place = 0; place < 7; place += 1) await both('Read one', place);
  await both('List', 1);
  await both('History', 0);
  await both('Several at once', 0);
  // Of the classes of items each gives a value.
  await eventually(async () => assert.equal(await given(), before + 4));
  await groups.getByRole('button', { name: 'The schema' }).click();
  assert.ok((await asked(page, /Status 200/)).data.__schema.queryType.fields.length > 15);
  await page.getByLabel('Query').fill('{ secrets { colour } }');
  const { errors: [wrong] } = await asked(page, /Status 400/);
  assert.equal(wrong.extensions.code, 102);
  assert.equal(await groups.getByRole('button', { name: 'Sign in' }).count(), 0);
  assert.match(await page.getByLabel('The same with curl').innerText(), /^curl -X POST 'http.*\/graphql' /);
});
