// The one place that asks the server. The token is in this variable and nowhere else, so a reload signs out.

let token = null;
let ended = () => {};

/** What the server refused, and why. */
export class ApiError extends Error {
  constructor(body, status) {
    const { error, hint, code } = body;
    super(error ?? `the server answered ${status}`);
    this.body = body;
    this.hint = hint;
    this.code = code;
    this.status = status;
    // Sign-in is shown already; nobody has to be told twice.
    this.isEnd = code === 209;
  }
}

/** Calls this when the session has ended. */
export function onEnd(action) {
  ended = action;
}

export function isSignedIn() {
  return token !== null;
}

/** Sends a request, and gives the answer's JSON. A reason goes into the log; a version is the one that the object must still
    have. */
export async function request(method, path, options) {
  return (await ask(method, path, options)).json().catch(() => ({}));
}

/** The parts of an answer that goes on and on, as they come. */
export async function* stream(path, signal) {
  const { body } = await ask('GET', path, { signal });
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value: part } = await reader.read();
    if (done) return;
    yield part;
  }
}

/** The session is over. */
export function end() {
  if (!token) return;
  token = null;
  ended('Your session has ended. Sign in again.');
}

async function ask(method, path, { body, reason, version, ...options } = {}) {
  const headers = { 'Content-Type': 'application/json', 'X-Vault-Client': 'page' };
  const sent = token;
  if (sent) headers['X-Parse-Session-Token'] = sent;
  if (reason) headers['X-Vault-Reason'] = bytes(reason);
  if (version !== undefined) headers['If-Match'] = `"${version}"`;
  let response;
  try {
    response = await fetch(path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store', credentials: 'omit', redirect: 'error', referrerPolicy: 'no-referrer', ...options,
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError({ error: 'The server doesn't answer', hint: 'Is vault serve still running?' }, 0);
  }
  if (response.ok) return response;
  const error = new ApiError(await response.json().catch(() => ({})), response.status);
  if (error.isEnd && sent && sent === token) end();
  throw error;
}

/** A header holds bytes: text is sent as its UTF-8. */
function bytes(text) {
  return String.fromCharCode(...new TextEncoder().encode(text.replace(/[\r\n]+/g, ' ')));
}

/** Asks by GraphQL: gives the whole answer, with the errors in it, and its status. */
export async function graphql(query, variables, reason) {
  try {
    const body = await request('POST', '/graphql', { body: { query, variables }, reason });
    if (body.errors?.some(({ extensions }) => extensions?.code === 209)) end();
    return { status: 200, body };
  } catch (error) {
    if (!error.body?.errors) throw error;
    return { status: error.status, body: error.body };
  }
}

/** Signs in with a name and a passphrase, or with a one-time code. */
export async function logIn(proof) {
  const { sessionToken, ...me } = await request('POST', '/parse/login', { body: proof });
  token = sessionToken;
  return me;
}

/** Asks to be added. An admin decides. */
export function askToJoin(username, password) {
  return request('POST', '/parse/users', { body: { username, password } });
}

/** Signs out. The token is gone here whatever the server says. */
export async function logOut() {
  if (!token) return;
  const done = request('POST', '/parse/logout', { body: {}, keepalive: true });
  token = null;
  await done.catch(() => {});
}

/** Every object of a class, without values. */
export async function all(name, query = '') {
  const found = [];
  for (;;) {
    const path = `/parse/classes/${name}?limit=1000&skip=${found.length}${query}`;
    const { results } = await request('GET', path);
    found.push(...results);
    if (results.length < 1000) return found;
  }
}

/** The newest entries of the log. */
export async function log(limit) {
  return (await request('GET', `/parse/classes/AccessLog?order=-accessTime&limit=${limit}`)).results;
}

/** An item's value, which the server logs before it gives it. */
export function value(item, reason) {
  return request('GET', `/parse/classes/Secret/${item.objectId}?keys=value`, { reason });
}

export function create(fields, reason) {
  return request('POST', '/parse/classes/Secret', { body: fields, reason });
}

export function update(item, fields, reason) {
  return request('PUT', `/parse/classes/Secret/${item.objectId}`, { body: fields, reason, version: item.version });
}

export function remove(item, reason) {
  return request('DELETE', `/parse/classes/Secret/${item.objectId}`, { reason, version: item.version });
}

/** Calls a function of the server, such as history or grant. */
export async function call(name, parameters, options = {}) {
  return (await request('POST', `/parse/functions/${name}`, { body: parameters, ...options })).result;
}
