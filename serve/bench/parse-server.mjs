// Parse Server with 1,000 Secrets, for serve/bench/run. It prints a line of JSON when it is ready, and serves until it is ended.
import { createRequire } from 'node:module';

const [modules, databaseURI, port, count] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { ParseServer } = require('parse-server');
const express = require('express');

const serverURL = `http://127.0.0.1:${port}/parse`;
const server = new ParseServer({
  databaseURI, appId: 'bench', masterKey: 'bench-master', serverURL, silent: true, verbose: false, logLevel: 'error',
  allowClientClassCreation: true, enforcePrivateUsers: false,
});
await server.start();
const app = express();
app.use('/parse', server.app);
await new Promise((resolve) => { app.listen(Number(port), '127.0.0.1', resolve); });

async function ask(method, path, body, headers = {}) {
  const response = await fetch(serverURL + path, {
    method, headers: { 'X-Parse-Application-Id': 'bench', 'Content-Type': 'application/json', ...headers },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  return answer;
}

// The same fields as vault's, and each for one user alone.
const user = await ask('POST', '/users', { username: 'mia', password: 'correct-horse-7-battery' });
const token = { 'X-Parse-Session-Token': user.sessionToken };
let id;
for (let first = 0; first < Number(count); first += 50) {
  const requests = Array.from({ length: 50 }, (_, place) => ({
    method: 'POST', path: '/parse/classes/Secret', body: {
      name: `SECRET_${first + place}`, value: `value-of-the-secret-number-${first + place}-0123456789abcdef`, environment: 'dev',
      kind: 'secret', deliver: 'variable', version: 1, updatedBy: 'mia', encrypted: true, tags: [],
      ACL: { [user.objectId]: { read: true, write: true } },
      owner: { __type: 'Pointer', className: '_User', objectId: user.objectId },
    },
  }));
  const made = await ask('POST', '/batch', { requests }, token);
  id = made[0].success.objectId;
}
console.log(JSON.stringify({ token: user.sessionToken, id, pid: process.pid }));
