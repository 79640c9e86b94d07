// Examples of GraphQL for the classes of this vault.

const SECRET = new Set(['value', 'encryptedValue', 'encoding']);

/** Returns the GraphQL names of a class: its type, and the query for one object. */
export function typeOf(className) {
  const type = className.replace(/^_/, '');
  return { type, one: type[0].toLowerCase() + type.slice(1) };
}

/** Returns the selection of a field. Pointers and lists need more than their name. */
function selected(name, { type, targetClass }) {
  if (type === 'Pointer') return `${name} { ${targetClass === '_User' ? 'username' : 'name'} }`;
  if (type === 'Array') return `${name} { ... on Element { value } }`;
  if (type === 'ACL') return `${name} { users { userId read write } }`;
  return name;
}

/** Returns the selections of these names, without those that the class doesn't have. */
function selection(fields, names) {
  return names.filter((name) => name in fields).map((name) => selected(name, fields[name]));
}

const SHOWN = ['name', 'key', 'username', 'action', 'program', 'kind', 'role', 'environment', 'version', 'owner', 'secret', 'user', 'accessTime', 'updatedAt'];

/** Returns the calls for a class, according to its schema and permissions. */
function classCalls({ className, fields, classLevelPermissions: may }) {
  const { type, one } = typeOf(className);
  const can = (what) => Object.keys(may[what] ?? {}).length > 0;
  const named = ['key', 'name', 'username'].find((name) => name in fields);
  const secret = Object.keys(fields).filter((name) => SECRET.has(name) && name !== 'encoding');
  const body = ['id', ...selection(fields, SHOWN)].join('\n        ');
  const calls = [['List', `query List($first: Int) {
  ${one}s(first: $first, order: [updatedAt_DESC]) {
    count
    edges {
      node {
        ${body}
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}`, { first: 10 }]];
  if (named) {
    calls.push(['Search', `query Search($where: ${type}WhereInput) {
  ${one}s(where: $where, order: [${named}_ASC]) {
    count
    edges { node { objectId ${named} } }
  }
}`, { where: { OR: [{ [named]: { matchesRegex: '^[A-M]' } }, { [named]: { equalTo: 'mia' } }] } }]);
  }
  const told = [...(named ? [named] : selection(fields, SHOWN)), ...secret, ...selection(fields, ['tags', 'ACL'])];
  calls.push(['Read one', `query Read($id: ID!) {
  ${one}(id: $id) {
    objectId
    ${told.join('\n    ')}
  }
}`, { id: `{${className}}` }]);
  if (can('create') && named && secret.length) {
    calls.push(['Create', `mutation Create($fields: Create${type}FieldsInput) {
  create${type}(input: { fields: $fields }) {
    ${one} { id ${named} version }
  }
}`, { fields: { [named]: `NEW_${type.toUpperCase()}`, value: 'a-value', environment: 'dev' } }]);
  }
  if (can('update')) {
    calls.push(['Change', `mutation Change($id: ID!, $fields: Update${type}FieldsInput) {
  update${type}(input: { id: $id, fields: $fields }) {
    ${one} { version note }
  }
}`, { id: `{${className}}`, fields: { note: 'changed in the playground' } }]);
  }
  if (can('delete')) {
    calls.push(['Delete', `mutation Delete($id: ID!) {
  delete${type}(input: { id: $id }) {
    ${one} { ${named} }
  }
}`, { id: `{${className}}` }]);
  }
  return calls;
}

function functionCall(name) {
  return `mutation Call($params: Object) {
  callCloudCode(input: { functionName: ${name}, params: $params }) {
    result
  }
}`;
}

/** Returns all calls in groups. Each has a name, a query, variables, and where it makes sense. */
export function groups(schemas) {
  const item = '{Secret}';
  return [
    ['Session', [
      ['Health', '{ health }', null],
      ['Sign in', `mutation LogIn($input: LogInInput!) {
  logIn(input: $input) {
    viewer {
      sessionToken
      user { username role }
    }
  }
}`, { input: { username: 'mia', password: 'made-up' } }, 'samples'],
      ['Who am I', '{ viewer { user { username role } } }', null],
      ['Sign out', 'mutation { logOut(input: {}) { ok } }', null, 'samples'],
    ]],
    ...schemas.map((schema) => [schema.className, classCalls(schema)]),
    ['Functions', [
      ['History', functionCall('history'), { params: { objectId: item } }],
      ['Roll back', functionCall('rollback'), { params: { objectId: item, version: 1 } }],
      ['Rotate', functionCall('rotate'), { params: { objectId: item } }],
      ['Grant', functionCall('grant'), { params: { username: 'noah', environment: 'dev', right: 'read' } }],
    ]],
    ['More', [
      ['Several at once', `{
  environments { edges { node { name items } } }
  newest: accessLogs(first: 3, order: [accessTime_DESC]) {
    edges { node { action program user { username } secret { name owner { username } } } }
  }
}`, null],
      ['The schema', '{ __schema { queryType { fields { name description } } } }', null, 'live'],
    ]],
  ];
}
