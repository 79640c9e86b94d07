// The vault, for this server alone: `server-only` fails the build if a client component imports it.
import 'server-only';
import { randomBytes } from 'node:crypto';
import { cookies } from 'next/headers';

const base = process.env.VAULT_URL ?? 'http://127.0.0.1:1337/parse';
const COOKIE = 'example-session';

// The vault's tokens stay here, and the browser gets a name for one: whoever has that can do what this app does, and that gives no
// values. The browser sends a cookie of localhost to every port there, so to other projects' servers, too.
const tokens = (globalThis.vaultTokens ??= new Map());

async function token() {
  return tokens.get((await cookies()).get(COOKIE)?.value);
}

// An error whose text is for people; the hint says what to do.
export class VaultError extends Error {
  constructor({ code, error, hint }) {
    super(hint ? `${error} (${hint})` : error);
    this.code = code;
  }
}

async function headers() {
  const session = await token();
  return { 'X-Vault-Client': 'example-next', ...(session && { 'X-Parse-Session-Token': session }) };
}

async function ask(method, path, body) {
  const answer = await fetch(base + path, {
    method,
    headers: { ...(await headers()), 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
    cache: 'no-store',
  });
  const json = await answer.json();
  if (!answer.ok) throw new VaultError(json);
  return json;
}

export async function signIn(username, password) {
  const { sessionToken } = await ask('POST', '/login', { username, password });
  const name = randomBytes(32).toString('base64url');
  tokens.set(name, sessionToken);
  // No script reads it, and no other site's page makes it be sent.
  (await cookies()).set(COOKIE, name, { httpOnly: true, sameSite: 'strict', path: '/', secure: process.env.NODE_ENV === 'production' });
}

export async function signOut() {
  // The session may have ended on the vault's side before.
  await ask('POST', '/logout').catch(() => {});
  const jar = await cookies();
  tokens.delete(jar.get(COOKIE)?.value);
  jar.delete(COOKIE);
}

// Whoever is signed in, or null. The answer has the token, too, so it goes no further: what a component awaits may be sent to the
// browser while the app is written.
export async function user() {
  if (!(await token())) return null;
  try {
    const { username } = await ask('GET', '/users/me');
    return { username };
  } catch (error) {
    if (error instanceof VaultError) return null;
    throw error;
  }
}

// Names, kinds and versions: a list has no values.
export async function list() {
  const where = encodeURIComponent(JSON.stringify({ environment: 'dev' }));
  const { results } = await ask('GET', `/classes/Secret?where=${where}&order=name&keys=name,kind,version`);
  return results.map(({ objectId, name, kind, version }) => ({ id: objectId, name, kind, version }));
}

// The value, for use on this server; never return it from an action, and never give it to a client component.
export async function value(id) {
  return (await ask('GET', `/classes/Secret/${encodeURIComponent(id)}`)).value;
}

export async function save(id, value) {
  await ask('PUT', `/classes/Secret/${encodeURIComponent(id)}`, { value });
}

// The vault's events as they come, which have no values.
export async function events(signal) {
  return fetch(new URL('/events?class=Secret', base), { headers: await headers(), signal, cache: 'no-store' });
}
