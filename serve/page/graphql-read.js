// Parses GraphQL, as far as the made-up data of the playground needs it.

const TOKEN = /\s+|,|#[^\n\r]*|\.\.\.|"""(?:\\"""|[^])*?"""|"(?:\\.|[^"\\\n])*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[A-Za-z_]\w*|[!$()[\]{}:=@|&]/y;
const ESCAPES = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** A syntax error, or syntax that is not supported. */
export class Unreadable extends Error {}

function tokens(text) {
  const all = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found) throw new Unreadable(`the query can't be read at ${JSON.stringify(text[at])}`);
    if (!/^[\s,#]/.test(found[0])) all.push(found[0]);
  }
  return all;
}

function unquoted(token) {
  if (token.startsWith('"""')) return token.slice(3, -3).replaceAll('\\"""', '"""').trim();
  return token.slice(1, -1).replace(/\\(?:u([\dA-Fa-f]{4})|(.))/g, (_, code, one) => (code ? String.fromCharCode(parseInt(code, 16)) : ESCAPES[one] ?? one));
}

/** Returns the operations and fragments of a document. */
export function read(text) {
  const all = tokens(text);
  let at = 0;
  const peek = () => all[at];
  const next = () => {
    if (at >= all.length) throw new Unreadable('the query ends too early');
    at += 1;
    return all[at - 1];
  };
  const expect = (token) => {
    const found = next();
    if (found !== token) throw new Unreadable(`the query has ${JSON.stringify(found)} where ${JSON.stringify(token)} is expected`);
  };
  const is = (token) => peek() === token && Boolean(next());
  const name = () => {
    const found = next();
    if (!/^[A-Za-z_]/.test(found)) throw new Unreadable(`the query has ${JSON.stringify(found)} where a name is expected`);
    return found;
  };
  const until = (end, one) => {
    const list = [];
    while (!is(end)) list.push(one());
    return list;
  };
  const value = () => {
    const token = next();
    if (token === '$') {
      const variable = name();
      return (variables) => variables[variable];
    }
    if (token === '[') {
      const list = until(']', value);
      return (variables) => list.map((one) => one(variables) ?? null);
    }
    if (token === '{') {
      const fields = until('}', pair);
      return (variables) => Object.fromEntries(fields.map(([key, one]) => [key, one(variables)]).filter(([, one]) => one !== undefined));
    }
    if (token.startsWith('"')) return () => unquoted(token);
    if (/^-?\d/.test(token)) return () => Number(token);
    const known = { true: true, false: false, null: null };
    return () => (token in known ? known[token] : token);
  };
  const pair = () => {
    const key = name();
    expect(':');
    return [key, value()];
  };
  const args = () => (is('(') ? until(')', pair) : []);
  const directives = () => {
    const list = [];
    while (is('@')) list.push([name(), args()]);
    return list;
  };
  const field = (first) => {
    const called = is(':') ? name() : first;
    return { kind: 'field', key: first, name: called, args: args(), directives: directives(), set: set() };
  };
  const selection = () => {
    if (!is('...')) return field(name());
    if (peek() !== 'on' && /^[A-Za-z_]/.test(peek() ?? '')) return { kind: 'spread', name: name(), directives: directives() };
    const on = is('on') ? name() : null;
    return { kind: 'inline', on, directives: directives(), set: set() };
  };
  const set = () => (is('{') ? until('}', selection) : []);
  const type = () => {
    if (is('[')) {
      type();
      expect(']');
    } else {
      name();
    }
    is('!');
  };
  const definition = () => {
    expect('$');
    const variable = name();
    expect(':');
    type();
    return [variable, is('=') ? value() : null];
  };

  const document = { operations: [], fragments: {} };
  while (at < all.length) {
    if (is('fragment')) {
      const called = name();
      expect('on');
      document.fragments[called] = { on: name(), set: (directives(), set()) };
      continue;
    }
    const kind = peek() === '{' ? 'query' : name();
    if (kind !== 'query' && kind !== 'mutation') throw new Unreadable(`there is no ${kind} here`);
    const called = peek() !== '{' && peek() !== '(' && peek() !== '@' ? name() : null;
    const definitions = is('(') ? until(')', definition) : [];
    directives();
    document.operations.push({ kind, name: called, definitions, set: set() });
  }
  if (document.operations.length !== 1) throw new Unreadable('the playground takes one operation at a time');
  return document;
}
