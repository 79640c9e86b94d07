// Runs GraphQL on made-up data, inside this page. It supports what the examples need.

import { typeOf } from './graphql-calls.js';
import { Unreadable, read } from './graphql-read.js';
import * as samples from './samples.js';

const SECRET = ['value', 'encryptedValue', 'encoding'];
const PREFIX = 'arrayconnection:';
const OPERATORS = {
  equalTo: '$eq', notEqualTo: '$ne', lessThan: '$lt', lessThanOrEqualTo: '$lte', greaterThan: '$gt', greaterThanOrEqualTo: '$gte',
  in: '$in', notIn: '$nin', exists: '$exists', matchesRegex: '$regex',
};

class Refused extends Error {
  constructor(message, code = 102, hint) {
    super(message);
    this.extensions = hint ? { code, hint } : { code };
  }
}

/** Returns the result of the REST call, or throws its error. */
function rest(method, path, fields = {}) {
  const { status, body } = samples.answer(method, path, fields);
  if (status >= 400) throw new Refused(body.error, body.code, body.hint);
  return body;
}

/** Returns the id within the class, from either form of an id. */
function ownId(className, id) {
  try {
    const [named, own] = atob(id).split(':');
    return named === className && own ? own : id;
  } catch {
    return id;
  }
}

function where(given, className) {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => {
    if (name === 'OR' || name === 'AND') return [`$${name.toLowerCase()}`, [value].flat().map((one) => where(one, className))];
    const plain = name === 'id' || name === 'objectId' ? (one) => ownId(className, one) : (one) => one;
    const tests = Object.entries(value).map(([operator, one]) => {
      if (!OPERATORS[operator]) throw new Refused(`the made-up data knows no ${operator}`);
      return [OPERATORS[operator], Array.isArray(one) ? one.map(plain) : plain(one)];
    });
    return [name === 'id' ? 'objectId' : name, Object.fromEntries(tests)];
  }));
}

/** Runs a document. Returns `{ data, errors }` like the server. */
export function run(query, variables, schemas) {
  try {
    const document = read(query);
    const [operation] = document.operations;
    const sent = { ...Object.fromEntries(operation.definitions.map(([name, value]) => [name, value?.({})])), ...variables };
    return new Run(document, sent, schemas).root(operation);
  } catch (error) {
    if (error instanceof Unreadable || error instanceof Refused) return { errors: [{ message: error.message, extensions: error.extensions ?? { code: 102 } }] };
    throw error;
  }
}

class Run {
  constructor(document, variables, schemas) {
    this.document = document;
    this.variables = variables;
    this.classes = new Map(schemas.map((schema) => [schema.className, { ...typeOf(schema.className), ...schema }]));
  }

  root({ kind, set }) {
    const data = {};
    const errors = [];
    for (const field of this.fields(set, kind)) {
      try {
        data[field.key] = kind === 'query' ? this.query(field) : this.mutation(field);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        data[field.key] = null;
        errors.push({ message: error.message, path: [field.key], extensions: error.extensions });
      }
    }
    return errors.length ? { errors, data } : { data };
  }

  /** Returns the selected fields of an object of this type, through fragments. */
  fields(set, type, depth = 0) {
    if (depth > 24) throw new Unreadable('the query is more than 24 levels deep');
    return set.filter(({ directives }) => directives.every(([name, args]) => this.args(args).if === (name === 'include'))).flatMap((one) => {
      if (one.kind === 'field') return [one];
      const fragment = one.kind === 'inline' ? one : this.document.fragments[one.name];
      if (!fragment) throw new Unreadable(`there is no fragment ${one.name}`);
      const isMeant = [null, type, 'Node', 'ParseObject'].includes(fragment.on);
      return isMeant ? this.fields(fragment.set, type, depth + 1) : [];
    });
  }

  args(list) {
    return Object.fromEntries(list.map(([name, value]) => [name, value(this.variables)]).filter(([, value]) => value !== undefined));
  }

  /** Picks the selected fields from plain JSON. */
  pick(json, set, type) {
    if (json === null || json === undefined) return null;
    if (!set.length) return json;
    return Object.fromEntries(this.fields(set, type).map((field) => {
      if (field.name === '__typename') return [field.key, type];
      if (!(field.name in json)) throw new Refused(`Unknown field "${field.name}" on type "${type}".`);
      return [field.key, json[field.name]];
    }));
  }

  query(field) {
    const args = this.args(field.args);
    if (field.name === '__typename') return 'Query';
    if (field.name === 'health') return true;
    if (field.name === 'viewer') return this.viewer(field.set);
    if (field.name === 'node') {
      const [className] = atob(args.id).split(':');
      return this.one(this.named((known) => known.className === className, className), args.id, field.set);
    }
    const single = [...this.classes.values()].find(({ one }) => one === field.name);
    if (single) return this.one(single, args.id, field.set);
    return this.list(this.named(({ one }) => `${one}s` === field.name, field.name, 'Query'), args, field.set);
  }

  named(is, name, type = 'Query') {
    const found = [...this.classes.values()].find(is);
    if (!found) throw new Refused(`Unknown field "${name}" on type "${type}".`);
    return found;
  }

  viewer(set) {
    const { sessionToken, ...me } = rest('GET', '/parse/users/me');
    return Object.fromEntries(this.fields(set, 'Viewer').map((field) => {
      return [field.key, field.name === 'user' ? this.object(this.classes.get('_User'), me, field.set) : sessionToken];
    }));
  }

  one(known, id, set) {
    const wanted = this.fields(set, known.type).map(({ name }) => name);
    const keys = Object.keys(known.fields).filter((name) => !SECRET.includes(name) || wanted.includes(name));
    const path = `/parse/classes/${known.className}/${ownId(known.className, id)}`;
    const found = rest('GET', `${path}?keys=${keys.join(',')}`);
    if (wanted.includes('encryptedValue')) found.encryptedValue = rest('GET', path).encryptedValue;
    return this.object(known, found, set, true);
  }

  object(known, object, set, isRead = false) {
    return Object.fromEntries(this.fields(set, known.type).map((field) => [field.key, this.value(known, object, field, isRead)]));
  }

  value(known, object, { name, set }, isRead) {
    if (name === '__typename') return known.type;
    if (name === 'id') return btoa(`${known.className}:${object.objectId}`);
    if (!(name in known.fields)) throw new Refused(`Unknown field "${name}" on type "${known.type}".`);
    if (SECRET.includes(name) && !isRead) {
      throw new Refused(`${name} is not given in a list`, 102, `read one object: ${known.one}(id: "...") { ${name} }`);
    }
    const value = object[name];
    const { type, targetClass } = known.fields[name];
    if (value === undefined || value === null) return type === 'ACL' ? this.pick({ users: null, public: null }, set, 'ACL') : null;
    if (type === 'Array') return value.map((one) => this.pick({ value: one }, set, 'Element'));
    if (type === 'ACL') return this.acl(value, set);
    if (type === 'Pointer') {
      const target = this.classes.get(targetClass);
      const keys = Object.keys(target.fields).filter((field) => !SECRET.includes(field)).join(',');
      const { status, body } = samples.answer('GET', `/parse/classes/${targetClass}/${value.objectId}?keys=${keys}`, {});
      // For a removed object, only the id is known.
      return this.object(target, status < 400 ? body : { objectId: value.objectId }, set);
    }
    return value.iso ?? value;
  }

  acl(rights, set) {
    const users = Object.entries(rights).filter(([user]) => user !== '*');
    const rule = (right) => ({ read: right.read === true, write: right.write === true });
    return Object.fromEntries(this.fields(set, 'ACL').map((field) => {
      if (field.name === 'public') return [field.key, rights['*'] ? this.pick(rule(rights['*']), field.set, 'PublicACL') : null];
      const all = users.map(([user, right]) => this.pick({ userId: btoa(`_User:${user}`), ...rule(right) }, field.set, 'UserACL'));
      return [field.key, all.length ? all : null];
    }));
  }

  list(known, args, set) {
    const skip = (args.skip ?? 0) + (args.after ? Number(atob(args.after).slice(PREFIX.length)) + 1 : 0);
    const order = [args.order ?? []].flat().map((word) => word.replace(/^(.*)_(ASC|DESC)$/, (_, name, way) => (way === 'DESC' ? '-' : '') + (name === 'id' ? 'objectId' : name)));
    const query = { where: JSON.stringify(where(args.where ?? {}, known.className)), order: order.join(','), skip, limit: args.first ?? 100, count: 1 };
    const { results, count } = rest('GET', `/parse/classes/${known.className}`, query);
    const cursor = (place) => btoa(PREFIX + place);
    const page = { hasNextPage: skip + results.length < count, hasPreviousPage: skip > 0, startCursor: cursor(skip), endCursor: cursor(skip + Math.max(results.length, 1) - 1) };
    return Object.fromEntries(this.fields(set, `${known.type}Connection`).map((field) => {
      if (field.name === 'count') return [field.key, count];
      if (field.name === 'pageInfo') return [field.key, this.pick(page, field.set, 'PageInfo')];
      if (field.name !== 'edges') throw new Refused(`Unknown field "${field.name}" on type "${known.type}Connection".`);
      const edge = (object, place) => Object.fromEntries(this.fields(field.set, `${known.type}Edge`).map((one) => {
        return [one.key, one.name === 'cursor' ? cursor(skip + place) : this.object(known, object, one.set)];
      }));
      return [field.key, results.map(edge)];
    }));
  }

  mutation(field) {
    const { input = {} } = this.args(field.args);
    const told = (answer) => Object.fromEntries(this.fields(field.set, field.name).map((one) => {
      if (one.name === 'clientMutationId') return [one.key, input.clientMutationId ?? null];
      if (!(one.name in answer)) throw new Refused(`Unknown field "${one.name}" on the answer of ${field.name}.`);
      return [one.key, answer[one.name](one.set)];
    }));
    if (field.name === 'logIn') {
      rest('POST', '/parse/login', { username: input.username, password: input.password });
      return told({ viewer: (set) => this.viewer(set) });
    }
    if (field.name === 'logOut') return told({ ok: () => true });
    if (field.name === 'callCloudCode') {
      const { result } = rest('POST', `/parse/functions/${input.functionName}`, input.params ?? {});
      return told({ result: () => result });
    }
    const [, verb, type] = /^(create|update|delete)(\w+)$/.exec(field.name) ?? [];
    const known = this.named((one) => one.type === type, field.name, 'Mutation');
    return told(this.change(verb, known, input));
  }

  change(verb, known, input) {
    const path = `/parse/classes/${known.className}`;
    if (verb === 'create') {
      const { objectId } = rest('POST', path, input.fields ?? {});
      return { [known.one]: (set) => this.one(known, objectId, set) };
    }
    const id = ownId(known.className, input.id);
    if (verb === 'update') {
      rest('PUT', `${path}/${id}`, input.fields ?? {});
      return { [known.one]: (set) => this.one(known, id, set) };
    }
    return {
      [known.one]: (set) => {
        const object = this.one(known, id, set);
        rest('DELETE', `${path}/${id}`);
        return object;
      },
    };
  }
}
