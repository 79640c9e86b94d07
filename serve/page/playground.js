// Every call of the API, tried out: on made-up data without a login, or on this vault.

import * as api from './api.js';
import { button, el, field, fill, problem, select, visible } from './dom.js';
import * as samples from './samples.js';
import { store } from './store.js';

/** What shows a value is shown as long as a value is. */
const SHOWN = 30_000;
const SECRET = /"(value|encryptedValue|sessionToken)":/;

let schemas = null;
let hasGraphql = null;

function example(className, name, { type, targetClass }) {
  const label = `NEW_${className.toUpperCase()}`;
  const known = {
    name: label, key: label, value: 'a-value', kind: 'secret', environment: 'dev', deliver: 'variable', provider: 'Example', note: 'for a test', tags: ['test'],
  };
  if (name in known) return known[name];
  if (type === 'Date') return { __type: 'Date', iso: '2027-03-01T00:00:00.000Z' };
  return type === 'Pointer' ? { __type: 'Pointer', className: targetClass, objectId: '' } : '';
}

/** The calls for a class, as its schema and its permissions say. */
function classCalls({ className, fields, classLevelPermissions: may }) {
  const path = `/parse/classes/${className}`;
  const can = (what) => Object.keys(may[what] ?? {}).length > 0;
  const named = fields.key ? 'key' : fields.name ? 'name' : fields.username ? 'username' : null;
  const calls = [['GET', `${path}?limit=10&order=-updatedAt`, null, 'List']];
  if (named) calls.push(['GET', `${path}?where=${encodeURIComponent(JSON.stringify({ [named]: { $regex: '^[A-M]' } }))}&count=1`, null, 'Search']);
  calls.push(['GET', `${path}/{${className}}`, null, 'Read one']);
  const body = Object.fromEntries(Object.entries(fields).filter(([, field]) => field.required).map(([name, field]) => [name, example(className, name, field)]));
  if (can('create') && Object.keys(body).length) calls.push(['POST', path, { ...body, environment: 'dev' }, 'Create']);
  if (can('update')) calls.push(['PUT', `${path}/{${className}}`, { note: 'changed in the playground' }, 'Change']);
  if (can('delete')) calls.push(['DELETE', `${path}/{${className}}`, null, 'Delete']);
  return calls;
}

/** All calls in groups: method, path, body, what it does, and whether it makes sense for who is signed in here. */
function groups() {
  const item = '{Secret}';
  return [
    ['Session', [
      ['GET', '/parse/health', null, 'Health'],
      ['POST', '/parse/login', { username: 'mia', password: 'made-up' }, 'Sign in', 'samples'],
      ['GET', '/parse/users/me', null, 'Who am I'],
      ['POST', '/parse/logout', {}, 'Sign out', 'samples'],
    ]],
    ...schemas.map((schema) => [schema.className, classCalls(schema)]),
    ['Functions', [
      ['POST', '/parse/functions/history', { objectId: item }, 'History'],
      ['POST', '/parse/functions/rollback', { objectId: item, version: 1 }, 'Roll back'],
      ['POST', '/parse/functions/rotate', { objectId: item }, 'Rotate'],
      ['POST', '/parse/functions/grant', { username: 'noah', environment: 'dev', right: 'read' }, 'Grant'],
    ]],
    ['More', [
      ['POST', '/parse/batch', { requests: [{ method: 'GET', path: '/parse/classes/Environment' }] }, 'Batch'],
      ['GET', '/parse/schemas', null, 'Schemas'],
    ]],
    ['GraphQL', [
      ['POST', '/graphql', { query: '{ secrets(first: 5) { edges { node { objectId name environment } } } }' }, 'Query', 'live'],
    ]],
  ];
}

/** An id that is there, in the place of a class in braces. */
function filled(text, isLive) {
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    if (!isLive) return samples.answer('GET', `/parse/classes/${name}?limit=1`, {}).body.results[0]?.objectId ?? 'ID';
    const kind = { EnvironmentVariable: 'variable', APIKey: 'api-key', SecureVault: 'secret' }[name];
    const all = { _User: store.users, Environment: store.environments }[name] ?? store.items.filter((one) => !kind || one.kind === kind);
    return all[0]?.objectId ?? 'ID';
  });
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function shellLine(method, path, body, reason) {
  const lines = [`curl -X ${method} ${quoted(location.origin + path)}`, "-H 'X-Parse-Session-Token: r:...'"];
  if (reason) lines.push(`-H ${quoted(`X-Vault-Reason: ${reason}`)}`);
  if (body.trim()) lines.push("-H 'Content-Type: application/json'", `-d ${quoted(body)}`);
  return lines.join(' \\\n  ');
}

async function send(method, path, text, isLive, reason) {
  let body;
  if (text.trim()) {
    try {
      body = JSON.parse(text);
    } catch {
      throw new Error('The body is not JSON');
    }
  }
  if (!isLive) return samples.answer(method, path, body ?? {});
  if (!/^\/(parse\/|graphql$)/.test(path)) throw new Error('The path begins with /parse/, or is /graphql');
  try {
    return { status: 200, body: await api.request(method, path, { body, reason }) };
  } catch (error) {
    if (!error.status) throw error;
    return { status: error.status, body: { code: error.code, error: error.message, hint: error.hint } };
  }
}

/** Puts the playground into `main`. */
export function show(main) {
  const place = el('div', { class: 'nothing', role: 'status' }, 'Loading…');
  main.replaceChildren(place);
  const loaded = schemas ? Promise.resolve({ results: schemas }) : api.request('GET', '/page/schemas.json');
  loaded.then(async ({ results }) => {
    if (hasGraphql === null && api.isSignedIn()) hasGraphql = await probe();
    if (!schemas) samples.reset(results);
    schemas = results;
    if (place.isConnected) main.replaceChildren(desk());
  }, (error) => fill(place, problem(error)));
  return {};
}

/** Whether the server has GraphQL, too. */
function probe() {
  return api.request('POST', '/graphql', { body: { query: '{ __typename }' } }).then(() => true, (error) => error.status !== 404);
}

function desk() {
  let isLive = api.isSignedIn();
  let timer;
  const method = select(['GET', 'POST', 'PUT', 'DELETE'].map((word) => [word, word]), 'GET', {});
  const path = el('input', { class: 'mono', spellcheck: 'false', autocomplete: 'off' });
  const body = el('textarea', { class: 'mono', rows: 6, spellcheck: 'false', autocomplete: 'off' });
  const reason = el('input', { autocomplete: 'off', maxlength: 200 });
  const status = el('p', { class: 'hint', role: 'status' }, 'Nothing was sent yet.');
  const output = el('pre', { tabindex: '0', 'aria-label': 'Answer' });
  const line = el('pre', { class: 'short', tabindex: '0', 'aria-label': 'The same with curl' });
  const problems = el('div', {});
  const calls = el('nav', { class: 'calls', 'aria-label': 'Calls' });

  const showLine = () => { line.textContent = shellLine(method.value, path.value, body.value, reason.value.trim()); };
  const clear = (text) => {
    clearTimeout(timer);
    output.textContent = '';
    status.textContent = text;
    problems.replaceChildren();
  };
  const choose = (call, node) => {
    const [verb, address, fields] = call;
    method.value = verb;
    path.value = filled(address, isLive);
    body.value = fields ? filled(JSON.stringify(fields, null, 2), isLive) : '';
    calls.querySelectorAll('[aria-current]').forEach((one) => one.removeAttribute('aria-current'));
    node?.setAttribute('aria-current', 'true');
    clear('Nothing was sent yet.');
    showLine();
  };
  const renderCalls = () => {
    const shown = ([, address, , , where]) => (!where || where === (isLive ? 'live' : 'samples')) && (hasGraphql || address !== '/graphql');
    const entry = (call) => {
      const node = el('button', { type: 'button', onclick: () => choose(call, node) }, el('span', { class: 'verb' }, call[0]), call[3]);
      return node;
    };
    const shownGroups = groups().map(([title, all]) => [title, all.filter(shown)]).filter(([, all]) => all.length);
    const nodes = shownGroups.map(([title, all]) => [title, all, all.map(entry)]);
    calls.replaceChildren(...nodes.flatMap(([title, , buttons]) => [el('h2', {}, title), ...buttons]));
    const [, [list], [first]] = nodes.find(([title]) => title === 'Secret');
    choose(list, first);
  };
  const go = button('Send', async () => {
    clear('Sending…');
    const began = performance.now();
    try {
      const answer = await send(method.value, path.value.trim(), body.value, isLive, reason.value.trim());
      const text = JSON.stringify(answer.body, null, 2);
      output.textContent = visible(text);
      status.textContent = `Status ${answer.status}, ${Math.round(performance.now() - began)} ms${isLive ? '' : ', made-up data'}`;
      if (isLive && SECRET.test(text)) timer = setTimeout(() => clear('Hidden again after 30 s.'), SHOWN);
    } catch (error) {
      clear('Not sent.');
      problems.replaceChildren(problem(error));
    }
  }, { class: 'primary' });
  const mode = (value, label, isOn) => el('label', {}, el('input', {
    type: 'radio', name: 'mode', checked: isLive === isOn, disabled: isOn && !api.isSignedIn(),
    onchange: () => {
      isLive = isOn;
      renderCalls();
    },
  }), label);
  for (const control of [method, path, body, reason]) control.addEventListener('input', showLine);
  renderCalls();
  return el('div', { class: 'play' }, calls, el('section', { class: 'desk', 'aria-labelledby': 'play-title' },
    el('h1', { id: 'play-title' }, 'Playground'),
    el('fieldset', {}, el('legend', {}, 'Calls go to'), mode('samples', 'Made-up data', false),
      mode('live', api.isSignedIn() ? 'This vault' : 'This vault, once you have signed in', true)),
    el('div', { class: 'line' }, field('Method', method), field('Path', path), go),
    field('Body', body), field('Reason for the log', reason, 'A protected environment needs one.'), problems, status, output, el('h2', {}, 'The same with curl'), line));
}
