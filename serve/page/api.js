// The only module that sends requests. The token is only in this variable, so a reload signs out.

let token = null;
let ended = () => {};

/** A refusal of the server, with its reason. */
export class ApiError extends Error {
  constructor(body, status) {
    const { error, hint, code, accept } = body;
    super(error ?? `the server answered ${status}`);
    this.body = body;
    this.hint = hint;
    // The environments to accept for the change to be made, by the parameter that names them.
    this.accept = accept;
    this.code = code;
    this.status = status;
    // The sign-in form shows the reason already.
    this.isEnd = code === 209;
  }
}

/** Sets the function to call when the session has ended. */
export function onEnd(action) {
  ended = action;
}

export function isSignedIn() {
  return token !== null;
}

/** Sends a request and returns the JSON of the response. The options may have a reason for the log, and the version that the
    object must have. */
export async function request(method, path, options) {
  return (await ask(method, path, options)).json().catch(() => ({}));
}

/** Yields the parts of a streamed response as they arrive. */
export async function* stream(path, signal) {
  const { body } = await ask('GET', path, { signal });
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value: part } = await reader.read();
    if (done) return;
    yield part;
  }
}

/** Ends the session on this page. */
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
    throw new ApiError({ error: 'The server doesn\'t answer', hint: 'Is vault serve still running?' }, 0);
  }
  if (response.ok) return response;
  const error = new ApiError(await response.json().catch(() => ({})), response.status);
  if (error.isEnd && sent && sent === token) end();
  throw error;
}

/** Encodes text as UTF-8 bytes, which is how a header carries it. */
function bytes(text) {
  return String.fromCharCode(...new TextEncoder().encode(text.replace(/[\r\n]+/g, ' ')));
}

/** Sends a GraphQL request. Returns the whole response, with its errors and its status. */
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

/** Sends a join request, which an admin decides on. */
export function askToJoin(username, password) {
  return request('POST', '/parse/users', { body: { username, password } });
}

/** Signs out. The page drops the token whatever the server answers. */
export async function logOut() {
  if (!token) return;
  const done = request('POST', '/parse/logout', { body: {}, keepalive: true });
  token = null;
  await done.catch(() => {});
}

/** Returns every object of a class, without values. */
export async function all(name, query = '') {
  const found = [];
  for (;;) {
    const path = `/parse/classes/${name}?limit=1000&skip=${found.length}${query}`;
    const { results } = await request('GET', path);
    found.push(...results);
    if (results.length < 1000) return found;
  }
}

/** Returns the newest entries of the log. */
export async function log(limit) {
  return (await request('GET', `/parse/classes/AccessLog?order=-accessTime&limit=${limit}`)).results;
}

/** Returns an item's value. The server logs it first. */
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
