// Made-up data that answers like the server, inside this page: to try calls without signing in. Nothing is stored.

let schemas = [];
let data = {};
let log = [];
let made = 0;

const TOKEN = 'r:00000000000000000000000000000000';
const MIA = 'a1'.repeat(32);
const NOAH = 'b2'.repeat(32);
const ITEM_CLASSES = { Secret: null, EnvironmentVariable: 'variable', APIKey: 'api-key', SecureVault: 'secret' };
const NAMES = { EnvironmentVariable: 'key', APIKey: 'key' };

const pointer = (className, objectId) => ({ __type: 'Pointer', className, objectId });
const date = (iso) => ({ __type: 'Date', iso });

function item(number, environment, name, kind, value, more = {}) {
  const id = String(number).padStart(2, '0').repeat(16);
  const time = `2026-0${(number % 9) + 1}-12T09:30:00.000Z`;
  return {
    objectId: id, createdAt: time, updatedAt: time, name, value, kind, environment, owner: pointer('_User', MIA), version: 1,
    updatedBy: 'mia', deliver: 'variable', tags: [], ACL: { [MIA]: { read: true, write: true }, [NOAH]: { read: true } }, ...more,
  };
}

function user(objectId, username, role, grants) {
  const time = '2026-01-05T08:00:00.000Z';
  return { objectId, createdAt: time, updatedAt: time, username, role, grants, slots: ['passphrase'], addedBy: 'mia', ACL: { '*': { read: true } } };
}

/** Starts again with these classes. */
export function reset(classes) {
  schemas = classes;
  log = [];
  data = {
    Secret: [
      item(1, 'dev', 'DATABASE_URL', 'secret', 'postgres://app:made-up@localhost/shop', { note: 'the local database' }),
      item(2, 'dev', 'PORT', 'variable', '3000'),
      item(3, 'dev', 'STRIPE_KEY', 'api-key', 'sk_test_madeUp51HxAmple', { provider: 'Stripe', tags: ['billing'], expiresAt: date('2027-03-01T00:00:00.000Z') }),
      item(4, 'prod', 'DATABASE_URL', 'secret', 'postgres://app:also-made-up@db.example/shop'),
      item(5, 'prod', 'STRIPE_KEY', 'api-key', 'sk_live_madeUp83KqAmple', { provider: 'Stripe', tags: ['billing'] }),
    ],
    _User: [
      user(MIA, 'mia', 'admin', [{ environment: 'dev', right: 'write' }, { environment: 'prod', right: 'write' }]),
      user(NOAH, 'noah', 'member', [{ environment: 'dev', right: 'read' }]),
    ],
    Environment: ['dev', 'prod'].map((name, place) => ({
      objectId: `e${place}`.repeat(16), createdAt: '2026-01-05T08:00:00.000Z', updatedAt: '2026-09-12T09:30:00.000Z', name, version: 3,
      items: place ? 2 : 3, readers: place ? ['mia'] : ['mia', 'noah'], writers: ['mia'], protected: false, pending: false,
    })),
  };
  note('unlock');
}

function note(action, object) {
  const time = new Date().toISOString();
  log.push({
    objectId: `l${log.length}`, createdAt: time, updatedAt: time, accessTime: date(time), action, user: pointer('_User', MIA),
    secrets: object ? [object.name] : [], program: 'playground', host: 'here', device: 'd0', number: log.length + 1, outcome: 'ok',
    ...(object ? { environment: object.environment, secret: pointer('Secret', object.objectId) } : {}),
  });
}

const refuse = (status, code, error, hint) => { throw { status, body: hint ? { code, error, hint } : { code, error } }; };

function schemaOf(name) {
  const found = schemas.find((schema) => schema.className === name);
  return found ?? refuse(400, 103, `there is no class "${name}"`, `there is: ${schemas.map((schema) => schema.className).join(', ')}`);
}

/** Returns the objects of a class. An item class has the items of its kind. */
function objects(name) {
  if (name === 'AccessLog') return log;
  if (!(name in ITEM_CLASSES)) return data[name] ?? [];
  const kind = ITEM_CLASSES[name];
  return data.Secret.filter((object) => !kind || object.kind === kind).map((object) => seen(name, object));
}

/** Returns an item in the form of a class. */
function seen(name, object) {
  const fields = { ...object };
  if (NAMES[name]) fields[NAMES[name]] = fields.name;
  if (name === 'SecureVault') fields.encrypted = true;
  const known = schemaOf(name).fields;
  return Object.fromEntries(Object.entries(fields).filter(([field]) => field in known));
}

const plain = (value) => value?.iso ?? value?.objectId ?? value;
const TESTS = {
  $eq: (value, other) => (Array.isArray(value) ? value.includes(other) : plain(value) === plain(other)),
  $ne: (value, other) => plain(value) !== plain(other),
  $in: (value, others) => others.map(plain).includes(plain(value)),
  $nin: (value, others) => !others.map(plain).includes(plain(value)),
  $lt: (value, other) => plain(value) < plain(other),
  $lte: (value, other) => plain(value) <= plain(other),
  $gt: (value, other) => plain(value) > plain(other),
  $gte: (value, other) => plain(value) >= plain(other),
  $exists: (value, wanted) => (value !== undefined) === wanted,
  $regex: (value, pattern) => new RegExp(pattern).test(value ?? ''),
};

function matches(object, where) {
  return Object.entries(where).every(([name, wanted]) => {
    if (name === '$or') return wanted.some((one) => matches(object, one));
    if (name === '$and') return wanted.every((one) => matches(object, one));
    const value = object[name];
    if (wanted === null || typeof wanted !== 'object' || wanted.__type) {
      return Array.isArray(value) ? value.includes(wanted) : plain(value) === plain(wanted);
    }
    return Object.entries(wanted).every(([test, other]) => (TESTS[test] ?? refuse(400, 102, `${test} is not supported`))(value, other));
  });
}

function shaped(object, { keys, excludeKeys }, isOne) {
  const chosen = keys?.split(',');
  const left = excludeKeys?.split(',') ?? [];
  const kept = (name) => ['objectId', 'createdAt', 'updatedAt', 'ACL'].includes(name) || (chosen ? chosen.includes(name) : isOne || name !== 'value');
  return Object.fromEntries(Object.entries(object).filter(([name]) => kept(name) && !left.includes(name)));
}

function list(name, query) {
  const { order, limit = 100, skip = 0, count } = query;
  let found = objects(name).filter((object) => matches(object, query.where ? JSON.parse(query.where) : {}));
  const total = found.length;
  for (const key of order ? order.split(',').reverse() : []) {
    const field = key.replace(/^-/, '');
    const sign = key.startsWith('-') ? -1 : 1;
    found = [...found].sort((a, b) => sign * (plain(a[field]) > plain(b[field]) ? 1 : plain(a[field]) < plain(b[field]) ? -1 : 0));
  }
  found = found.slice(Number(skip), Number(skip) + Number(limit));
  if (query.keys?.split(',').includes('value')) found.forEach((object) => note('get', data.Secret.find((one) => one.objectId === object.objectId)));
  const body = { results: found.map((object) => shaped(object, query, false)) };
  if (count) body.count = total;
  return { status: 200, body };
}

function check(name, fields, isNew) {
  const { fields: known } = schemaOf(name);
  for (const field of Object.keys(fields)) {
    if (!(field in known)) refuse(400, 142, `${name} has no field "${field}"`);
    if (['objectId', 'createdAt', 'updatedAt', 'version', 'owner'].includes(field)) refuse(400, 142, `${field} can't be set`);
  }
  for (const [field, { required }] of Object.entries(known)) {
    if (isNew && required && fields[field] === undefined) refuse(400, 142, `${field} is required`);
  }
}

function create(name, fields) {
  if (!(name in ITEM_CLASSES)) refuse(400, 119, `objects of ${name} can't be created here`);
  check(name, fields, true);
  const label = fields[NAMES[name] ?? 'name'];
  const environment = fields.environment ?? 'dev';
  if (data.Secret.some((one) => one.name === label && one.environment === environment)) refuse(400, 137, `${environment}/${label} already exists`);
  made += 1;
  const held = item(10 + made, environment, label, ITEM_CLASSES[name] ?? fields.kind ?? 'secret', fields.value, { ...fields, name: label });
  held.createdAt = held.updatedAt = new Date().toISOString();
  delete held.key;
  data.Secret.push(held);
  note('set', held);
  return { status: 201, body: { objectId: held.objectId, createdAt: held.createdAt, version: 1 } };
}

function one(name, id, method, body) {
  const held = name in ITEM_CLASSES ? data.Secret.find((object) => object.objectId === id) : objects(name).find((object) => object.objectId === id);
  if (!held) refuse(404, 101, 'Object not found.');
  if (method === 'GET') {
    const named = body.keys?.split(',');
    if (name in ITEM_CLASSES && (named ? named.includes('value') : name !== 'APIKey')) note('get', held);
    const whole = name in ITEM_CLASSES ? seen(name, held) : held;
    if (name === 'APIKey' && !named?.includes('value')) {
      delete whole.value;
      whole.encryptedValue = '-----BEGIN AGE ENCRYPTED FILE-----\nmade up\n-----END AGE ENCRYPTED FILE-----';
    }
    return { status: 200, body: shaped(whole, body, true) };
  }
  if (!(name in ITEM_CLASSES)) refuse(400, 119, `objects of ${name} can't be ${method === 'PUT' ? 'changed' : 'removed'} here`);
  if (method === 'DELETE') {
    data.Secret = data.Secret.filter((object) => object !== held);
    note('remove', held);
    return { status: 200, body: {} };
  }
  check(name, body, false);
  if (body.value !== undefined && body.value !== held.value) held.version += 1;
  Object.assign(held, body, { updatedAt: new Date().toISOString() });
  note('set', held);
  return { status: 200, body: { updatedAt: held.updatedAt, version: held.version } };
}

function run(name, { objectId }) {
  if (name === 'grant') return { user: data._User[1], users: ['noah'], rotate: [], pending: [], knownKeys: [], unmanaged: [] };
  const held = data.Secret.find((object) => object.objectId === objectId) ?? refuse(404, 101, 'Object not found.');
  if (name === 'history') {
    const row = (_, place) => ({ version: held.version - place, createdAt: held.updatedAt, createdBy: 'mia', current: place === 0, rotateDue: null });
    return Array.from({ length: held.version }, row);
  }
  if (name !== 'rotate' && name !== 'rollback') refuse(400, 141, `Invalid function: "${name}"`);
  held.version += 1;
  held.value = name === 'rotate' ? 'a-new-made-up-value' : held.value;
  note(name, held);
  return { objectId, version: held.version };
}

function route(method, path, fields) {
  const [first, second, third] = path;
  if (method === 'GET' && first === 'health') return { status: 200, body: { status: 'ok' } };
  if (first === 'login') return { status: 200, body: { ...data._User[0], sessionToken: TOKEN } };
  if (method === 'POST' && first === 'logout') return { status: 200, body: {} };
  if (method === 'POST' && first === 'functions') return { status: 200, body: { result: run(second, fields) } };
  if (method === 'POST' && first === 'batch') {
    const part = (request) => {
      const { status, body } = answer(request.method, request.path, request.body ?? {});
      return status < 400 ? { success: body } : { error: body };
    };
    return { status: 200, body: (fields.requests ?? refuse(400, 107, 'requests must be an array')).map(part) };
  }
  if (method === 'GET' && first === 'schemas') return { status: 200, body: second ? schemaOf(second) : { results: schemas } };
  if (first === 'users' && second === 'me') return { status: 200, body: { ...data._User[0], sessionToken: TOKEN } };
  const name = first === 'users' ? '_User' : first === 'classes' && second ? schemaOf(second).className : null;
  const id = first === 'users' ? second : third;
  if (name && !id && method === 'GET') return list(name, fields);
  if (name && !id && method === 'POST') return create(name, fields);
  if (name && id && ['GET', 'PUT', 'DELETE'].includes(method)) return one(name, id, method, fields);
  return refuse(404, 119, 'there is no such path');
}

/** Answers a request. */
export function answer(method, address, body) {
  try {
    const url = new URL(address, 'http://made-up.example');
    const path = url.pathname.replace(/^\/parse/, '').split('/').filter(Boolean);
    return route(method, path, { ...Object.fromEntries(url.searchParams), ...body });
  } catch (refused) {
    if (refused.body) return refused;
    return { status: 400, body: { code: 102, error: refused.message } };
  }
}
