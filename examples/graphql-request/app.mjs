// A vault by graphql-request, with queries as Parse Server's GraphQL has them:
//
//   vault serve                              # prints the address
//   npm install
//   VAULT_URL=http://127.0.0.1:41873 VAULT_USERNAME=mia node app.mjs
//
// It asks for the passphrase: on the terminal, which doesn't show it, or on standard input.
import { ClientError, GraphQLClient, gql } from 'graphql-request';
import readline from 'node:readline';
import { Writable } from 'node:stream';

async function passphrase() {
  const terminal = process.stdin.isTTY;
  // What is typed would be shown by the output.
  const nowhere = new Writable({ write: (chunk, encoding, done) => done() });
  const lines = readline.createInterface({ input: process.stdin, output: nowhere, terminal });
  if (terminal) process.stderr.write('Passphrase: ');
  for await (const line of lines) {
    lines.close();
    if (terminal) process.stderr.write('\n');
    return line;
  }
  throw new Error('no passphrase on standard input');
}

const LOG_IN = gql`
  mutation LogIn($username: String!, $password: String!) {
    logIn(input: { username: $username, password: $password }) {
      viewer { sessionToken user { username role } }
    }
  }
`;

const CREATE = gql`
  mutation Create($fields: CreateSecretFieldsInput!) {
    createSecret(input: { fields: $fields }) { secret { id name version } }
  }
`;

// A list has names, kinds and dates, and no value.
const LIST = gql`
  query List($prefix: String!, $after: String) {
    secrets(where: { name: { matchesRegex: $prefix } }, order: [name_ASC], first: 1, after: $after) {
      count
      edges { node { id name kind owner { username } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

// Reading one object gives its value, and writes it into the access log first.
const READ = gql`
  query Read($id: ID!) { secret(id: $id) { name version value } }
`;

const UPDATE = gql`
  mutation Update($id: ID!, $fields: UpdateSecretFieldsInput!, $version: Int!) {
    updateSecret(input: { id: $id, fields: $fields, version: $version }) { secret { version note } }
  }
`;

const LOG = gql`
  query Log {
    accessLogs(order: [accessTime_DESC, number_DESC], first: 3) { edges { node { action program secret { name } } } }
  }
`;

const DELETE = gql`
  mutation Delete($id: ID!) { deleteSecret(input: { id: $id }) { secret { name } } }
`;

async function main() {
  const client = new GraphQLClient(new URL('/graphql', process.env.VAULT_URL).href, { headers: { 'X-Parse-Application-Id': 'example-graphql' } });
  const { logIn } = await client.request(LOG_IN, { username: process.env.VAULT_USERNAME, password: await passphrase() });
  client.setHeader('X-Parse-Session-Token', logIn.viewer.sessionToken);
  console.log('signed in:', logIn.viewer.user.username, logIn.viewer.user.role);

  for (const name of ['EXAMPLE_ONE', 'EXAMPLE_TWO']) {
    await client.request(CREATE, { fields: { name, value: `value of ${name}`, environment: 'dev' } });
  }

  const ids = [];
  for (let after = null, more = true; more;) {
    const { secrets } = await client.request(LIST, { prefix: '^EXAMPLE_', after });
    for (const { node } of secrets.edges) {
      ids.push(node.id);
      const { secret } = await client.request(READ, { id: node.id });
      console.log(secret.name, 'of', node.owner.username, 'version', secret.version, 'has', secret.value.length, 'bytes');
    }
    ({ endCursor: after, hasNextPage: more } = secrets.pageInfo);
  }

  const { updateSecret } = await client.request(UPDATE, { id: ids[0], fields: { value: 'another value', note: 'set by the example' }, version: 1 });
  console.log('changed:', updateSecret.secret.version, updateSecret.secret.note);
  try {
    await client.request(UPDATE, { id: ids[0], fields: { value: 'too late' }, version: 1 });
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const [{ message, extensions }] = error.response.errors;
    console.log('refused:', extensions.code, message);
  }

  const { accessLogs } = await client.request(LOG);
  for (const { node } of accessLogs.edges.reverse()) console.log(node.action, node.secret?.name, 'by', node.program);

  for (const id of ids) console.log('removed:', (await client.request(DELETE, { id })).deleteSecret.secret.name);
  await client.request(gql`mutation { logOut(input: {}) { ok } }`);
}

main().catch((error) => {
  const refused = error instanceof ClientError ? error.response.errors?.[0] : undefined;
  console.error(`error: ${refused?.message ?? error.message}${refused?.extensions?.hint ? `\nhint: ${refused.extensions.hint}` : ''}`);
  process.exitCode = 1;
});
