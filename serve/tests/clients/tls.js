// A client of an address that others reach: it trusts one certificate, and goes by the server's name.
const fs = require('fs');
const https = require('https');

const [port, certificate, password] = process.argv.slice(2);
const host = `vault.example:${port}`;

function ask(method, path, body, { token, name = host, ca = fs.readFileSync(certificate), ...tls } = {}) {
  const headers = { Host: name, 'Content-Type': 'application/json' };
  if (token) headers['X-Parse-Session-Token'] = token;
  return new Promise((resolve, reject) => {
    const options = { method, path, headers, host: '127.0.0.1', port, servername: 'vault.example', ca, ...tls };
    const request = https.request(options, (response) => {
      let text = '';
      const protocol = response.socket.getProtocol();
      response.on('data', (part) => { text += part; });
      response.on('end', () => resolve([response.statusCode, JSON.parse(text), protocol]));
    });
    request.on('error', reject);
    request.end(body && JSON.stringify(body));
  });
}

async function main() {
  const [, user, protocol] = await ask('POST', '/parse/login', { username: 'mia', password });
  console.log('signed in', protocol);
  const token = user.sessionToken;
  const [, { results }] = await ask('GET', '/parse/classes/Secret?order=name&limit=1', undefined, { token });
  const [, item] = await ask('GET', `/parse/classes/Secret/${results[0].objectId}`, undefined, { token });
  console.log(item.name, item.value.length > 0);
  console.log('another name', (await ask('GET', '/parse/health', undefined, { name: 'evil.example' }))[0]);
  console.log('by number', (await ask('GET', '/parse/health', undefined, { name: `127.0.0.1:${port}` }))[0]);
  console.log('not trusted', await ask('GET', '/parse/health', undefined, { ca: [] }).catch((error) => error.code));
  const old = await ask('GET', '/parse/health', undefined, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
    .then(() => 'is taken', () => 'is refused');
  console.log('TLS 1.1', old);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
