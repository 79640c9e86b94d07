// Prints how many requests a second vault-serve and Parse Server answer, how soon, and what memory they take meanwhile.
//
// Both hold the same 1,000 secrets, of which one signed-in user may read each. wrk sends the same requests to both, in
// turns, so that whatever else the machine does meets both; the figures are medians of the rounds.
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PASSPHRASE, end, logged, memory, peak, processorTime, startParse, startVault } from './servers.mjs';

const number = (name, otherwise) => Number(process.env[`VAULT_BENCH_${name}`] ?? otherwise);
const ROUNDS = number('ROUNDS', 5);
const SECONDS = number('SECONDS', 4);
const WORKERS = number('WORKERS', 1);
const CONNECTIONS = (process.env.VAULT_BENCH_CONNECTIONS ?? '1,16,64').split(',').map(Number);
const SECRETS = 1000;
const script = join(dirname(fileURLToPath(import.meta.url)), 'wrk.lua');

const wait = promisify(execFile);
const median = (numbers) => [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)];

/** Sends a request, and gives the answer's object. */
async function ask(server, method, path, headers = {}, body = undefined) {
  const response = await fetch(server.base + path, {
    method,
    headers: { 'Content-Type': 'application/json', ...server.headers, ...headers },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

async function signIn(server) {
  const user = await ask(server, 'POST', '/login', {}, { username: 'mia', password: PASSPHRASE });
  server.headers['X-Parse-Session-Token'] = user.sessionToken;
  return user;
}

/** Makes the class and its objects in Parse Server: the same fields with the same values, and rights of the same kind. */
async function copy(vault, parse) {
  const { fields } = await ask(vault, 'GET', '/schemas/Secret');
  const asMaster = { 'X-Parse-Master-Key': parse.masterKey };
  const user = await ask(parse, 'POST', '/users', {}, { username: 'mia', password: PASSPHRASE });
  for (const name of ['objectId', 'createdAt', 'updatedAt', 'ACL']) delete fields[name];
  for (const [name, field] of Object.entries(fields)) {
    fields[name] = { type: field.type, ...(field.targetClass && { targetClass: field.targetClass }) };
  }
  const signedIn = { requiresAuthentication: true };
  const rights = { find: signedIn, get: signedIn, count: signedIn, create: signedIn, update: signedIn, delete: signedIn };
  await ask(parse, 'POST', '/schemas/Secret', asMaster, { className: 'Secret', fields, classLevelPermissions: rights });
  await signIn(parse);
  const owner = { __type: 'Pointer', className: '_User', objectId: user.objectId };
  const all = [];
  for (const id of vault.ids) {
    const { objectId, createdAt, updatedAt, ...rest } = await ask(vault, 'GET', `/classes/Secret/${id}`);
    all.push({ ...rest, owner, ACL: { [user.objectId]: { read: true, write: true } } });
  }
  while (all.length > 0) {
    await Promise.all(all.splice(0, 10).map((body) => ask(parse, 'POST', '/classes/Secret', {}, body)));
  }
}

/** The ids of all secrets, by their names. */
async function ids(server) {
  const { results } = await ask(server, 'GET', `/classes/Secret?limit=${SECRETS}&order=name&keys=name`);
  if (results.length !== SECRETS) throw new Error(`${results.length} secrets, not ${SECRETS}`);
  return results.map((object) => object.objectId);
}

/** Both must answer alike, else there is nothing to compare. */
async function check(vault, parse) {
  for (const place of [0, SECRETS - 1]) {
    const [one, other] = await Promise.all([vault, parse].map((server) => ask(server, 'GET', `/classes/Secret/${server.ids[place]}`)));
    if (!one.value || one.name !== other.name || one.value !== other.value) throw new Error('the answers differ');
  }
  for (const server of [vault, parse]) {
    const { results } = await ask(server, 'GET', '/classes/Secret?limit=100');
    if (results.length !== 100) throw new Error(`a list of ${results.length}`);
  }
}

const KINDS = {
  'one object': (server) => server.ids.map((id) => `/parse/classes/Secret/${id}`),
  'list of 100': () => ['/parse/classes/Secret?limit=100'],
};

/** Sends one kind of request for some seconds. The name of the client tells the runs apart in the log. */
async function run(server, place, kind, connections, client, seconds) {
  const headers = { ...server.headers, 'X-Vault-Client': client };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const file = join(place, 'requests');
  writeFileSync(file, [...lines, '', ...KINDS[kind](server), ''].join('\n'), { mode: 0o600 });
  const spent = () => Object.values(server.processes).reduce((sum, id) => sum + processorTime(id), 0);
  const before = spent();
  const { stdout } = await wait('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '60s', '-s', script, new URL(server.base).origin, '--', file]);
  const told = JSON.parse(stdout.split('\n').find((line) => line.startsWith('{')));
  if (told.failed > 0) throw new Error(`${server.name}, ${kind}: ${told.failed} requests failed`);
  const each = { rate: (told.requests / told.microseconds) * 1e6, processor: (spent() - before) / told.requests };
  return { ...told, ...each, kind, connections, client, server: server.name };
}

async function measure(servers, place) {
  const runs = [];
  for (const kind of Object.keys(KINDS)) {
    for (const server of servers) await run(server, place, kind, 16, 'warm up', SECONDS);
  }
  peak(servers[0].processes['vault-serve'], true);
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const kind of Object.keys(KINDS)) {
      for (const connections of CONNECTIONS) {
        // Who is first changes each round.
        for (const server of round % 2 ? servers : [...servers].reverse()) {
          const client = `${kind}, ${connections} connections, round ${round}`;
          runs.push(await run(server, place, kind, connections, client, SECONDS));
        }
      }
    }
    console.error(`round ${round} of ${ROUNDS}, load ${loadavg()[0].toFixed(1)}`);
  }
  return runs;
}

/** Every answer with a value stands in the log. wrk doesn't count those under way when its time is over: one a connection. */
function checkLog(runs, counts) {
  let all = 0;
  for (const { client, kind, connections, requests, server } of runs.filter((one) => one.server === 'vault-serve')) {
    const entries = counts.get(client) ?? 0;
    const most = requests + connections;
    const isRight = kind === 'list of 100' ? entries === 0 : entries >= requests && entries <= most;
    if (!isRight) throw new Error(`${server}, ${client}: ${requests} requests and ${entries} entries in the log`);
    all += entries;
  }
  return all;
}

function table(runs, names) {
  const lines = [
    `| request | connections | requests a second: ${names.join(' / ')} | ratio | p50, ms | p99, ms | processor time of a request, ms | ratio |`,
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
  ];
  for (const kind of Object.keys(KINDS)) {
    for (const connections of CONNECTIONS) {
      const values = names.map((name) => {
        const own = runs.filter((one) => one.server === name && one.kind === kind && one.connections === connections);
        const of = (field) => median(own.map((one) => one[field]));
        return { rate: of('rate'), p50: of('p50') / 1000, p99: of('p99') / 1000, processor: of('processor') / 1000 };
      });
      const [rates, p50, p99, processor] = ['rate', 'p50', 'p99', 'processor'].map((field) => values.map((one) => one[field]));
      const both = (numbers, digits) => numbers.map((one) => one.toFixed(digits)).join(' / ');
      const ratios = [rates[0] / rates[1], processor[1] / processor[0]].map((ratio) => ratio.toFixed(1));
      lines.push(`| ${kind} | ${connections} | ${both(rates, 0)} | ${ratios[0]} | ${both(p50, 2)} | ${both(p99, 2)} | ${both(processor, 2)} | ${ratios[1]} |`);
    }
  }
  return lines.join('\n');
}

function versions(parse) {
  const { version } = JSON.parse(readFileSync(join(process.env.VAULT_BENCH_PARSE_SERVER, 'package.json'), 'utf8'));
  const postgres = execFileSync(join(process.env.VAULT_BENCH_POSTGRES, 'postgres'), ['--version'], { encoding: 'utf8' });
  return `${parse.name} ${version} in ${WORKERS} process(es), Node ${process.versions.node}, ${postgres.trim()}`;
}

async function main(place) {
  const items = Object.fromEntries(
    Array.from({ length: SECRETS }, (_, place) => [`KEY_${String(place).padStart(4, '0')}`, `value-${place}-`.padEnd(64, 'x')]),
  );
  const headers = () => ({ 'X-Parse-Application-Id': 'bench' });
  const [vault, parse] = [
    { name: 'vault-serve', headers: headers(), ...(await startVault(items)) },
    { name: 'Parse Server', headers: headers(), ...(await startParse(WORKERS)) },
  ];
  const own = vault.processes['vault-serve'];
  await signIn(vault);
  const signingIn = peak(own, true);
  vault.ids = await ids(vault);
  await copy(vault, parse);
  parse.ids = await ids(parse);
  await check(vault, parse);
  const before = loadavg()[0];
  const runs = await measure([vault, parse], place);
  const [most, now] = [peak(own), memory(own)];
  const entries = checkLog(runs, await logged(vault.place));
  const used = Object.entries(parse.processes).map(([name, id]) => `${name} ${memory(id).toFixed(0)}`);
  console.log(`${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0].model.trim()}), load ${before.toFixed(1)} before and ${loadavg()[0].toFixed(1)} after`);
  console.log(`${versions(parse)}; ${ROUNDS} rounds of ${SECONDS} s, wrk with one thread\n`);
  console.log(table(runs, [vault.name, parse.name]));
  console.log(`\nmemory, MB: vault-serve ${now.toFixed(0)} (at most ${most.toFixed(0)} under load; ${signingIn.toFixed(0)} for a moment at the sign-in), Parse Server: ${used.join(', ')}`);
  console.log(`the access log is whole, and has ${entries} entries for the values that vault-serve gave`);
}

const place = mkdtempSync(join(tmpdir(), 'vault-bench-'));
try {
  await main(place);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await end();
  rmSync(place, { recursive: true, force: true });
}
