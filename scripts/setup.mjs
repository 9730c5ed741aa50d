// What `npm start`, `npm test` and the command line need before anything else can run: no
// dependencies here, and syntax that an old Node still parses, so that it can say it is too old.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROJECT_ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const CACHE = join(PROJECT_ROOT, '.cache');
const VIEWER = JSON.parse(readFileSync(new URL('viewer.json', import.meta.url), 'utf8'));
const OLDEST_NODE = [20, 19];
/** What npm says where it gets nothing from its registry, and what a person can do. */
const REFUSALS = [
  [
    /CERT_|_CERT|SSL|certificate/i,
    'its certificate is not trusted (a proxy with a certificate of its own?). Name the certificate file with "npm config set cafile FILE" or NODE_EXTRA_CA_CERTS=FILE',
  ],
  [
    /E407|Proxy Authentication/i,
    'the proxy asks for a password. Name it with "npm config set https-proxy http://NAME:PASSWORD@HOST:PORT"',
  ],
  [
    /E401|E403|E451|ENEEDAUTH/,
    'it refuses access. Sign in with "npm login", or name another with "npm config set registry URL"',
  ],
  [/E404/, 'it does not have the packages. Name another with "npm config set registry URL"'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET|timeout|no answer/i,
    'it cannot be reached. Connect to the network, name a mirror with "npm config set registry URL", or a proxy with "npm config set https-proxy URL"',
  ],
];
/** A registry that has not said a word by then is not there, milliseconds. */
const PATIENCE = 12_000;
/** How often a long step says that it still works, milliseconds. */
const SIGN_OF_LIFE = 20_000;
const ROOMS = JSON.parse(readFileSync(new URL('../src/rooms.json', import.meta.url), 'utf8'));
/** Folders of src that the plugin is not made of. */
const NOT_IN_PLUGIN = new Set(Object.keys(ROOMS).filter((room) => ROOMS[room].inPlugin === false));

/** A step of the set-up that failed; `message` is one line that says what to do. */
export class SetupError extends Error {
  name = 'SetupError';
}

/** Prints one short line about a step. */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** @throws {SetupError} on a Node.js that is too old */
export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new SetupError(
    `Find L3 needs Node.js ${OLDEST_NODE.join('.')} or newer and this is ${version}: install a newer one from https://nodejs.org and try again.`,
  );
}

/**
 * Installs the npm packages of package-lock.json unless they are there already.
 * @param tell takes a line about what is going on
 * @param patience how long the registry may keep silent, milliseconds
 * @throws {SetupError} when they cannot be installed
 */
export async function ensureDependencies(root = PROJECT_ROOT, tell = say, patience = PATIENCE) {
  checkNode();
  // Without one this is the published package, which npm installed together with what it needs.
  const lock = await readFile(join(root, 'package-lock.json')).catch(() => undefined);
  if (!lock) return;
  // Some packages are made for one platform: a folder moved between two needs another install.
  const stamp = `${sha('sha256', lock, 'hex')} ${process.platform}-${process.arch}\n`;
  const stampPath = join(root, 'node_modules', '.find-l3-stamp');
  if ((await readFile(stampPath, 'utf8').catch(() => '')) === stamp) return;
  if (!(await isInstalled(root, JSON.parse(lock.toString())))) {
    tell('Installing npm packages (about a minute, once) ...');
    await probeRegistry(root, 'the npm packages', 'typescript', patience);
    // All of them whatever NODE_ENV says: building needs those for development.
    const install = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
    await npm(install, root, 'the npm packages', { tell });
  }
  // A checkout that is complete works for those who may not write to it.
  await writeFile(stampPath, stamp).catch(() => undefined);
}

/** Whether npm's own record of node_modules agrees with the lock file, whoever installed it. */
async function isInstalled(root, lock) {
  const record = await readFile(join(root, 'node_modules', '.package-lock.json'), 'utf8')
    .then(JSON.parse)
    .catch(() => undefined);
  if (!record) return false;
  return Object.entries(lock.packages).every(
    ([path, { version, optional }]) =>
      path === '' || optional || record.packages[path]?.version === version,
  );
}

/**
 * Gets the stock OHIF viewer from npm into the cache, checked against its pinned SHA-512.
 * @returns {Promise<string>} the folder with the viewer's index.html
 * @throws {SetupError} when it cannot be fetched or is not what was pinned
 */
export async function ensureViewer(cache = CACHE, viewer = VIEWER) {
  const folder = join(cache, 'ohif', viewer.version);
  const dist = join(folder, 'dist');
  if (existsSync(join(dist, 'index.html'))) return dist;
  const name = `${viewer.package}@${viewer.version}`;
  say(`Fetching the stock viewer ${name} from npm (50 MB, once) ...`);
  mkdirSync(join(cache, 'ohif'), { recursive: true });
  const temporary = await mkdtemp(join(cache, 'ohif', '.incoming-'));
  try {
    await probeRegistry(temporary, `the viewer ${name}`, name, PATIENCE);
    await npm(['pack', name, '--ignore-scripts'], temporary, `the viewer ${name}`, { tell: say });
    const tarball = readdirSync(temporary).find((file) => file.endsWith('.tgz'));
    const integrity = `sha512-${sha('sha512', readFileSync(join(temporary, tarball)), 'base64')}`;
    if (integrity !== viewer.integrity) {
      throw new SetupError(
        `The viewer ${name} that npm delivered is not the expected one (${integrity}): nothing was installed. Check the npm registry in use (npm config get registry).`,
      );
    }
    await run('tar', ['-xzf', tarball], { cwd: temporary }, 'unpack the viewer');
    await rename(join(temporary, 'package'), folder).catch((failure) => {
      // Another process may have been faster.
      if (!existsSync(join(dist, 'index.html'))) throw failure;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return dist;
}

/**
 * Builds the plugin folder where it is missing or older than what it is made from.
 * @param tell takes a line about what is going on
 * @returns {Promise<string>} the plugin folder
 * @throws {SetupError} when the build fails
 */
export async function ensurePlugin(root = PROJECT_ROOT, tell = say) {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const folder = join(root, 'dist', 'find-l3', version);
  const sources = ['src', 'models', '.webpack', 'package.json', 'package-lock.json'].map((at) =>
    join(root, at),
  );
  const built = existsSync(join(folder, 'index.js'))
    ? statSync(join(folder, 'index.js')).mtimeMs
    : 0;
  if (built > 0 && built >= Math.max(...sources.map(newest))) return folder;
  tell('Building the extension ...');
  const build = [join(root, '.webpack', 'build.mjs')];
  await run(process.execPath, build, { cwd: root }, 'build the extension');
  return folder;
}

/** The newest modification time at or below a path, in milliseconds; 0 where there is nothing. */
function newest(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats?.mtimeMs ?? 0;
  const below = readdirSync(path).filter((name) => !NOT_IN_PLUGIN.has(name));
  return Math.max(0, ...below.map((name) => newest(join(path, name))));
}

function sha(algorithm, bytes, encoding) {
  return createHash(algorithm).update(bytes).digest(encoding);
}

/** Asks the registry for one line, so that one that is out of reach is known at once and not after npm's retries. */
async function probeRegistry(cwd, what, packageName, patience) {
  const ask = ['view', packageName, 'version', '--fetch-retries=0', `--fetch-timeout=${patience}`];
  await npm(ask, cwd, what, { limit: patience });
}

async function npm(args, cwd, what, { tell, limit } = {}) {
  // Under `npm start` npm says where it is itself; that also works where it is no plain program.
  const self = process.env.npm_execpath;
  const [command, first] = self?.endsWith('.js') ? [process.execPath, [self]] : ['npm', []];
  const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  const shell = command === 'npm' && process.platform === 'win32';
  const options = { cwd, env, shell, tell, limit };
  await run(command, [...first, ...args], options, `fetch ${what}`).catch((failure) => {
    const why = REFUSALS.find(([sign]) => sign.test(failure.output))?.[1];
    if (!why) throw failure;
    throw new SetupError(`Could not fetch ${what} from the npm registry: ${why}, and try again.`);
  });
}

/**
 * Runs a program quietly; its output is shown only where it fails.
 * @param options of `spawn`, `tell` for signs of life, and `limit` in milliseconds
 */
function run(command, args, { tell, limit, ...options }, what) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const began = Date.now();
    const alive = setInterval(
      () => tell?.(`  still at it, ${Math.round((Date.now() - began) / 1000)} s ...`),
      SIGN_OF_LIFE,
    );
    let output = '';
    const collect = (chunk) => (output += chunk);
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    const failed = (why) => {
      clearInterval(alive);
      clearTimeout(deadline);
      const error = new SetupError(`Could not ${what}: ${why}`);
      fail(Object.assign(error, { output }));
    };
    const deadline =
      limit &&
      setTimeout(() => {
        child.kill('SIGKILL');
        output += '\nno answer';
        failed(`no answer within ${limit / 1000} s`);
      }, limit);
    child.on('error', (failure) => failed(failure.message));
    child.on('close', (code) => {
      clearInterval(alive);
      clearTimeout(deadline);
      if (code === 0) return done();
      const lines = output.trim().split('\n');
      failed(`${command} ended with ${code}.\n${lines.slice(-20).join('\n')}`);
    });
  });
}
