// The playground: every call of the API, on made-up data without signing in, or on this vault.

import * as api from './api.js';
import { KEPT } from './clipboard.js';
import { button, el, field, fill, problem, select, visible } from './dom.js';
import * as graphql from './graphql-calls.js';
import { run } from './graphql-samples.js';
import * as samples from './samples.js';
import { store } from './store.js';

const SECRET = /"(value|encryptedValue|sessionToken)":/;

let schemas = null;
/** The newest entry of the log, as an example of an entry to read. */
let newest = [];

function example(className, name, { type, targetClass }) {
  const label = `NEW_${className.toUpperCase()}`;
  const known = {
    name: label, key: label, value: 'a-value', kind: 'secret', environment: 'dev', deliver: 'variable', provider: 'Example', note: 'for a test', tags: ['test'],
  };
  if (name in known) return known[name];
  if (type === 'Date') return { __type: 'Date', iso: '2027-03-01T00:00:00.000Z' };
  return type === 'Pointer' ? { __type: 'Pointer', className: targetClass, objectId: '' } : '';
}

/** Returns the calls for a class, according to its schema and permissions. */
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

/** Returns all calls in groups. Each has a method, a path, a body, a name, and where it makes sense. */
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
  ];
}

/** Replaces a class in braces by the id of an object that exists. */
function filled(text, isLive) {
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    if (!isLive) return samples.answer('GET', `/parse/classes/${name}?limit=1`, {}).body.results[0]?.objectId ?? 'ID';
    const kind = { EnvironmentVariable: 'variable', APIKey: 'api-key', SecureVault: 'secret' }[name];
    const all = { _User: store.users, Environment: store.environments, AccessLog: newest }[name] ?? store.items.filter((one) => !kind || one.kind === kind);
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

/** Returns the body of a GraphQL request. Variables that aren't valid JSON are left out. */
function asGraphql(query, text) {
  try {
    return { query, variables: typed(text, '') };
  } catch {
    return { query };
  }
}

async function send(method, path, text, isLive, reason) {
  const body = typed(text, 'The body is');
  if (!isLive) return samples.answer(method, path, body ?? {});
  if (!path.startsWith('/parse/')) throw new Error('The path begins with /parse/');
  try {
    return { status: 200, body: await api.request(method, path, { body, reason }) };
  } catch (error) {
    if (!error.status) throw error;
    return { status: error.status, body: { ...error.body, error: error.message } };
  }
}

/** Puts the playground into `main`. */
export function show(main) {
  const place = el('div', { class: 'nothing', role: 'status' }, 'Loading…');
  main.replaceChildren(place);
  const loaded = schemas ? Promise.resolve({ results: schemas }) : api.request('GET', '/page/schemas.json');
  loaded.then(async ({ results }) => {
    newest = api.isSignedIn() ? await api.log(1) : [];
    if (!schemas) samples.reset(results);
    schemas = results;
    if (place.isConnected) main.replaceChildren(desk());
  }, (error) => fill(place, problem(error)));
  return {};
}

/** Parses JSON that the user typed. */
function typed(text, what) {
  if (!text.trim()) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${what} not JSON`);
  }
}

function sendGraphql(query, text, isLive, reason) {
  const variables = typed(text, 'The variables are');
  return isLive ? api.graphql(query, variables, reason) : { status: 200, body: run(query, variables ?? {}, schemas) };
}

function desk() {
  let isLive = api.isSignedIn();
  let isGraphql = false;
  let timer;
  const method = select(['GET', 'POST', 'PUT', 'DELETE'].map((word) => [word, word]), 'GET', {});
  const path = el('input', { class: 'mono', spellcheck: 'false', autocomplete: 'off' });
  const body = el('textarea', { class: 'mono', rows: 6, spellcheck: 'false', autocomplete: 'off' });
  const query = el('textarea', { class: 'mono', rows: 12, spellcheck: 'false', autocomplete: 'off' });
  const variables = el('textarea', { class: 'mono', rows: 4, spellcheck: 'false', autocomplete: 'off' });
  const reason = el('input', { autocomplete: 'off', maxlength: 200 });
  const status = el('p', { class: 'hint', role: 'status' }, 'Nothing was sent yet.');
  const output = el('pre', { tabindex: '0', 'aria-label': 'Answer' });
  const line = el('pre', { class: 'short', tabindex: '0', 'aria-label': 'The same with curl' });
  const problems = el('div', {});
  const calls = el('nav', { class: 'calls', 'aria-label': 'Calls' });

  const showLine = () => {
    const asked = isGraphql ? ['POST', '/graphql', JSON.stringify(asGraphql(query.value, variables.value))] : [method.value, path.value, body.value];
    line.textContent = shellLine(...asked, reason.value.trim());
  };
  const clear = (text) => {
    clearTimeout(timer);
    output.textContent = '';
    status.textContent = text;
    problems.replaceChildren();
  };
  const choose = (call, node) => {
    const text = (fields) => (fields ? filled(JSON.stringify(fields, null, 2), isLive) : '');
    if (isGraphql) {
      query.value = call[1];
      variables.value = text(call[2]);
    } else {
      method.value = call[0];
      path.value = filled(call[1], isLive);
      body.value = text(call[2]);
    }
    calls.querySelectorAll('[aria-current]').forEach((one) => one.removeAttribute('aria-current'));
    node?.setAttribute('aria-current', 'true');
    clear('Nothing was sent yet.');
    showLine();
  };
  const renderCalls = () => {
    const place = isGraphql ? 3 : 4;
    const shown = (call) => !call[place] || call[place] === (isLive ? 'live' : 'samples');
    const entry = (call) => {
      const label = isGraphql ? call[0] : [el('span', { class: 'verb' }, call[0]), call[3]];
      const node = el('button', { type: 'button', onclick: () => choose(call, node) }, label);
      return node;
    };
    const shownGroups = (isGraphql ? graphql.groups(schemas) : groups()).map(([title, all]) => [title, all.filter(shown)]).filter(([, all]) => all.length);
    const nodes = shownGroups.map(([title, all]) => [title, all, all.map(entry)]);
    calls.replaceChildren(...nodes.flatMap(([title, , buttons]) => [el('h2', {}, title), ...buttons]));
    const [, [list], [first]] = nodes.find(([title]) => title === 'Secret');
    choose(list, first);
  };
  const go = () => button('Send', async () => {
    clear('Sending…');
    const began = performance.now();
    try {
      const why = reason.value.trim();
      const answer = await (isGraphql ? sendGraphql(query.value, variables.value, isLive, why) : send(method.value, path.value.trim(), body.value, isLive, why));
      const text = JSON.stringify(answer.body, null, 2);
      output.textContent = visible(text);
      status.textContent = `Status ${answer.status}, ${Math.round(performance.now() - began)} ms${isLive ? '' : ', made-up data'}`;
      if (isLive && SECRET.test(text)) timer = setTimeout(() => clear(`Hidden again after ${KEPT / 1000} s.`), KEPT);
    } catch (error) {
      clear('Not sent.');
      problems.replaceChildren(problem(error));
    }
  }, { class: 'primary' });
  const byRest = el('div', { class: 'asked' }, el('div', { class: 'line' }, field('Method', method), field('Path', path), go()), field('Body', body));
  const byGraphql = el('div', { class: 'asked', hidden: true }, field('Query', query), field('Variables', variables), el('div', { class: 'row' }, go()));
  const front = (label, isOn) => el('label', {}, el('input', {
    type: 'radio', name: 'front', checked: isGraphql === isOn,
    onchange: () => {
      isGraphql = isOn;
      byRest.hidden = isGraphql;
      byGraphql.hidden = !isGraphql;
      renderCalls();
    },
  }), label);
  const mode = (value, label, isOn) => el('label', {}, el('input', {
    type: 'radio', name: 'mode', checked: isLive === isOn, disabled: isOn && !api.isSignedIn(),
    onchange: () => {
      isLive = isOn;
      renderCalls();
    },
  }), label);
  for (const control of [method, path, body, query, variables, reason]) control.addEventListener('input', showLine);
  renderCalls();
  return el('div', { class: 'play' }, calls, el('section', { class: 'desk', 'aria-labelledby': 'play-title' },
    el('h1', { id: 'play-title' }, 'Playground'),
    el('fieldset', {}, el('legend', {}, 'Calls go to'), mode('samples', 'Made-up data', false),
      mode('live', api.isSignedIn() ? 'This vault' : 'This vault, once you have signed in', true)),
    el('fieldset', {}, el('legend', {}, 'Calls are made with'), front('REST', false), front('GraphQL', true)),
    byRest, byGraphql, field('Reason for the log', reason, 'A protected environment needs one.'), problems, status, output, el('h2', {}, 'The same with curl'), line));
}
