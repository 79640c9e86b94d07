// Starts and ends what is compared. Each server listens on a free port of this machine and writes only below a temporary directory.
import { spawn, execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { VAULT_BENCH_PROGRAMS: programs, VAULT_BENCH_PARSE_SERVER: parseServer, VAULT_BENCH_POSTGRES: postgres } = process.env;
/** Both sign in with it. */
export const PASSPHRASE = 'correct-horse-7-battery';
const started = [];
const directories = [];

const random = () => randomBytes(16).toString('hex');
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function directory() {
  const made = mkdtempSync(join(tmpdir(), 'vault-bench-'));
  directories.push(made);
  return made;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function start(program, args, options = {}) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
  started.push(child);
  child.on('exit', (code) => {
    if (!child.isEnding) {
      console.error(`${program} ended with ${code}`);
      process.exit(1);
    }
  });
  return child;
}

/** Ends everything that was started, the last first, and removes what it wrote. */
export async function end() {
  for (const child of started.reverse()) {
    child.isEnding = true;
    // PostgreSQL waits for its clients at TERM, and not at INT.
    child.kill('SIGINT');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  for (const one of directories) rmSync(one, { recursive: true, force: true });
}

/** PostgreSQL with Debian's settings, as the user postgres where root starts it: it refuses to run as root. */
async function startPostgres() {
  const place = directory();
  const password = random();
  const passwordFile = join(place, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  let as = [];
  if (process.getuid() === 0) {
    const [user, group] = ['-u', '-g'].map((option) => Number(execFileSync('id', [option, 'postgres'])));
    chownSync(place, user, group);
    chownSync(passwordFile, user, group);
    as = ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'];
  }
  const data = join(place, 'data');
  const run = (program, ...args) => [...as, join(postgres, program), ...args];
  const [command, ...args] = run('initdb', '-D', data, '-U', 'parse', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`);
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const port = await freePort();
  const [server, ...options] = run('postgres', '-D', data, '-k', place, '-h', '127.0.0.1', '-p', String(port));
  const child = start(server, options, { stdio: 'ignore' });
  for (let tries = 0; ; tries += 1) {
    try {
      execFileSync(join(postgres, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
      break;
    } catch (error) {
      if (tries > 100) throw error;
      await pause(100);
    }
  }
  return { uri: `postgres://parse:${password}@127.0.0.1:${port}/postgres`, process: child.pid };
}

/** Parse Server as its documentation has it for production, with logs and queries of the file system off. */
export async function startParse(workers) {
  const database = await startPostgres();
  const [place, port, masterKey] = [directory(), await freePort(), random()];
  const base = `http://127.0.0.1:${port}/parse`;
  const config = {
    appId: 'bench', masterKey, databaseURI: database.uri, serverURL: base, port, host: '127.0.0.1', mountPath: '/parse',
    silent: true, logsFolder: null, ...(workers > 1 && { cluster: workers, databaseOptions: { enableSchemaHooks: true } }),
  };
  const file = join(place, 'config.json');
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  const child = start(process.execPath, [join(parseServer, 'bin', 'parse-server'), file], {
    cwd: place, env: { PATH: process.env.PATH, HOME: place, NODE_ENV: 'production' }, stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(`${base}/health`).catch(() => undefined);
    if (answer?.ok && (await answer.json()).status === 'ok') break;
    if (tries > 1200) throw new Error('Parse Server does not come up');
    await pause(100);
  }
  return { base, masterKey, processes: { node: child.pid, postgres: database.process } };
}

function vault(place, ...args) {
  const env = { PATH: process.env.PATH, HOME: place, VAULT_STATE_DIR: join(place, 'state'), XDG_RUNTIME_DIR: join(place, 'run') };
  return { program: join(programs, args.shift()), args, options: { cwd: place, env } };
}

/** A vault of these items, and the server on it. */
export async function startVault(items) {
  const place = directory();
  mkdirSync(join(place, 'run'), { mode: 0o700 });
  writeFileSync(join(place, 'passphrase'), PASSPHRASE, { mode: 0o600 });
  writeFileSync(join(place, 'items.json'), JSON.stringify(items), { mode: 0o600 });
  const init = vault(place, 'vault', 'init', '--user', 'mia', '--passphrase-file', 'passphrase', '--import', 'items.json',
    '--kind', 'secret', '--non-interactive', '--quiet');
  execFileSync(init.program, init.args, { ...init.options, stdio: ['ignore', 'ignore', 'ignore'] });
  // Else it would refuse what comes faster than a thousand times a second.
  const serve = vault(place, 'vault-serve', '--vault', 'secrets.vault', '--rate', '1000000');
  const child = start(serve.program, serve.args, serve.options);
  const [line] = await once(child.stdout, 'data');
  return { base: `${String(line).trim()}/parse`, place, processes: { 'vault-serve': child.pid } };
}

/** How often each client was given a value, by the access log, which must be whole. */
export async function logged(place) {
  const read = (...args) => {
    const { program, args: all, options } = vault(place, 'vault', 'log', ...args, '--passphrase-file', 'passphrase', '--json');
    return spawn(program, all, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  };
  const verified = read('verify');
  verified.stdout.resume();
  const [code] = await once(verified, 'exit');
  if (code !== 0) throw new Error('the access log is not whole');
  const counts = new Map();
  const { createInterface } = await import('node:readline');
  for await (const line of createInterface({ input: read('--action', 'get').stdout })) {
    const { program } = JSON.parse(line);
    counts.set(program, (counts.get(program) ?? 0) + 1);
  }
  return counts;
}

/** A process and all below it. */
function family(first) {
  const parents = new Map();
  for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has ended.
    }
  }
  const all = [first];
  for (const one of all) for (const [id, parent] of parents) if (parent === one) all.push(id);
  return all;
}

/** What a process and all below it have in memory, in MB. What they share counts once (PSS). */
export function memory(first) {
  let kilobytes = 0;
  for (const id of family(first)) {
    try {
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, 'utf8'))[1]);
    } catch {
      // It has ended.
    }
  }
  return kilobytes / 1024;
}

/** How long a process and all below it have had a processor, in microseconds. */
export function processorTime(first) {
  let ticks = 0;
  for (const id of family(first)) {
    try {
      const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
      // utime and stime (proc(5)), of which Linux tells hundredths of a second.
      const [user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13);
      ticks += Number(user) + Number(system);
    } catch {
      // It has ended.
    }
  }
  return ticks * 10_000;
}

/** The most that a process ever had in memory, in MB, since it began or since this was asked before with `again`. */
export function peak(id, again = false) {
  const kilobytes = Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))[1]);
  if (again) writeFileSync(`/proc/${id}/clear_refs`, '5');
  return kilobytes / 1024;
}
