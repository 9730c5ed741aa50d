import { execFile, execFileSync, spawn } from 'node:child_process';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import VIEWER from '../../../scripts/viewer.json';
import { RELEASE } from '../../../src/release/release';
import { putPhantom } from '../../unit/batch/tree';
import { ownEnvironment } from './packed';

/** Spaces, accents, and what a shell or a URL takes for something else. */
const ODD_NAME = 'Prüf stände é #1 100%';
const NODES = { 20: '20.20.2', 22: '22.23.5', 24: '24.22.3' } as const;
/** A user who owns nothing here ("nobody"). */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const TABLE = path.resolve('test-output', 'install-steps.json');

/** Who runs a program, on which Node.js, in which environment. */
interface How {
  readonly node?: string;
  readonly uid?: number;
  readonly env?: NodeJS.ProcessEnv;
}
interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
/** A clone with everything installed and built in it. */
let checkout: string;
let phantom: string;
const steps: { readonly step: string; readonly seconds: number }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'find-l3-install-'));
  await chmod(folder, 0o755);
  checkout = path.join(folder, ODD_NAME, 'find l3');
  await clone(checkout);
  phantom = path.join(folder, 'phantom');
  await putPhantom(phantom, 'A');
  await mkdir(path.join(folder, 'home'));
  await chmod(path.join(folder, 'home'), 0o777);
}, 300_000);

afterAll(async () => {
  await mkdir(path.dirname(TABLE), { recursive: true });
  await writeFile(TABLE, JSON.stringify(steps, null, 1));
  await writable(checkout);
  await rm(folder, { recursive: true, force: true });
}, 120_000);

async function clone(into: string): Promise<void> {
  await mkdir(path.dirname(into), { recursive: true });
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', process.cwd(), into]);
}

const writable = async (at: string) => {
  if (existsSync(at)) execFileSync('chmod', ['-R', 'u+w', at]);
};

function environment({ node, uid, env }: How): NodeJS.ProcessEnv {
  const nodePath = node ? `${path.dirname(node)}${path.delimiter}` : '';
  return {
    ...ownEnvironment(),
    PATH: `${nodePath}${process.env.PATH}`,
    ...(uid === undefined
      ? {}
      : { HOME: path.join(folder, 'home'), TMPDIR: path.join(folder, 'home') }),
    ...env,
  };
}

/** Runs a program of a checkout to its end. */
function run(args: readonly string[], how: How = {}, root = checkout): Promise<Ran> {
  const { node = process.execPath, uid } = how;
  const options = {
    cwd: root,
    env: environment(how),
    maxBuffer: 1e8,
    ...(uid && { uid, gid: uid }),
  };
  const began = Date.now();
  return new Promise((done) => {
    const child = execFile(node, args, options, (_, stdout, stderr) => {
      steps.push({ step: args.slice(0, 2).join(' '), seconds: (Date.now() - began) / 1000 });
      done({ code: child.exitCode, stdout, stderr });
    });
  });
}

const FIND = ['src/cli/find-l3.mjs', '--json'] as const;

async function findsL3(how: How = {}): Promise<void> {
  const { code, stdout, stderr } = await run([...FIND, phantom], how);
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({ status: 'found' });
}

/** `npm start`, without npm: what it serves while it runs. */
async function serves(how: How = {}): Promise<void> {
  const { node = process.execPath, uid } = how;
  const data = await mkdtemp(path.join(folder, 'home', 'data-'));
  if (uid) await chown(data, uid, uid);
  const args = ['src/server/start.mjs', '--port', '0', '--data', data];
  const env = environment(how);
  const child = spawn(node, args, { cwd: checkout, env, ...(uid && { uid, gid: uid }) });
  let said = '';
  try {
    const address = await new Promise<string>((done, fail) => {
      const hear = (chunk: Buffer) => {
        said += chunk.toString();
        const at = /Find L3 is at (\S+)/.exec(said)?.[1];
        if (at) done(at.replace('localhost', '127.0.0.1'));
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('exit', (code) => fail(new Error(`ended with ${code}: ${said}`)));
    });
    const config = await (await fetch(new URL('/app-config.js', address))).text();
    const script = /"(\/[^"]+\/index\.js)"/.exec(config)![1];
    for (const at of ['/', '/app-config.js', script]) {
      expect([at, (await fetch(new URL(at, address))).status]).toEqual([at, 200]);
    }
    expect(said).not.toContain('without the extension');
  } finally {
    const ended = new Promise((done) => child.once('exit', done));
    if (child.exitCode === null && child.kill('SIGTERM')) await ended;
  }
}

test('a fresh clone, in a folder of an odd name, in production: the command line installs what it needs', async () => {
  expect(existsSync(path.join(checkout, 'node_modules'))).toBe(false);
  await findsL3({ env: { NODE_ENV: 'production' } });
}, 900_000);

test('it builds and serves there, in production too', async () => {
  // 50 MB that are the same everywhere.
  const viewer = path.join('.cache', 'ohif', VIEWER.version);
  await cp(path.resolve(viewer), path.join(checkout, viewer), { recursive: true });
  const built = await run(['.webpack/build.mjs'], { env: { NODE_ENV: 'production' } });
  expect([built.code, built.code === 0 ? '' : built.stderr]).toEqual([0, '']);
  const files = await readdir(path.join(checkout, 'dist', 'find-l3', RELEASE.version));
  expect(files).toEqual(expect.arrayContaining(['index.js', 'index.umd.js', 'manifest.json']));
  await serves({ env: { NODE_ENV: 'production' } });
}, 900_000);

describe.each(Object.entries(NODES))('on Node.js %s', (major, version) => {
  let node: string;

  beforeAll(async () => {
    if (process.version === `v${version}`) {
      node = process.execPath;
      return;
    }
    const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
    const at = path.join(folder, `node-${major}`);
    await mkdir(at);
    await writeFile(path.join(at, 'package.json'), '{}');
    const npm = ['install', '--ignore-scripts', '--force', `${name}@${version}`];
    execFileSync('npm', npm, { cwd: at, stdio: 'pipe' });
    node = path.join(at, 'node_modules', name, 'bin', 'node');
  }, 300_000);

  test('finds L3, builds what is missing and serves', async () => {
    expect((await run(['--version'], { node })).stdout.trim()).toBe(`v${version}`);
    await findsL3({ node });
    await rm(path.join(checkout, 'dist'), { recursive: true, force: true });
    await serves({ node });
  }, 900_000);
});

describe('a complete checkout that is not one’s own', () => {
  const nobody = isRoot ? { uid: NOBODY } : {};

  test('read-only: finds L3 and serves, and nothing in it changes', async () => {
    execFileSync('chmod', ['-R', 'a-w,a+rX', checkout]);
    try {
      const before = await newest(checkout);
      await findsL3(nobody);
      await serves(nobody);
      expect(await newest(checkout)).toBe(before);
    } finally {
      await writable(checkout);
    }
  }, 600_000);

  (isRoot ? test : test.skip)(
    'owned by another user: finds L3 and serves',
    async () => {
      const { uid } = await stat(checkout);
      expect(uid).not.toBe(NOBODY);
      await findsL3({ uid: NOBODY });
      await serves({ uid: NOBODY });
      execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, checkout]);
      // And root in one of somebody else's, which git calls dubious.
      await findsL3();
      await serves();
      execFileSync('chown', ['-R', `${uid}`, checkout]);
    },
    600_000,
  );
});

/** The newest modification of a file at or below a path, ms, without what git keeps. */
async function newest(at: string): Promise<number> {
  const names = await readdir(at, { recursive: true });
  const times = names
    .filter((name) => !name.startsWith('.git'))
    .map(async (name) => (await stat(path.join(at, name))).mtimeMs);
  return Math.max(...(await Promise.all(times)));
}

describe('a registry that gives nothing says so, in one line, long before npm gives up', () => {
  const servers: { close(): unknown }[] = [];
  let bare: string;

  beforeAll(async () => {
    bare = path.join(folder, ODD_NAME, 'bare');
    await clone(bare);
  }, 120_000);
  afterAll(() => servers.forEach((server) => server.close()));

  async function listening(server: Pick<Server, 'listen' | 'address' | 'close'>): Promise<number> {
    servers.push(server);
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', () => done()));
    return (server.address() as AddressInfo).port;
  }
  const answering = (status: number): RequestListener => {
    return (_, response) =>
      void response.writeHead(status, { 'Content-Type': 'application/json' }).end('{}');
  };
  const registry = (url: string) => ({ npm_config_registry: url });

  const CASES: Readonly<Record<string, readonly [() => Promise<Record<string, string>>, RegExp]>> =
    {
      'refuses connections': [
        async () => registry('http://127.0.0.1:1/'),
        /cannot be reached.*npm config set registry URL.*https-proxy/,
      ],
      'has a name that nobody knows': [
        async () => registry('https://registry.invalid/'),
        /cannot be reached/,
      ],
      'keeps silent': [
        async () => registry(`http://127.0.0.1:${await listening(createTcpServer() as never)}/`),
        /cannot be reached/,
      ],
      'refuses access': [
        async () => registry(`http://127.0.0.1:${await listening(createServer(answering(403)))}/`),
        /refuses access.*npm login/,
      ],
      'has no such package': [
        async () => registry(`http://127.0.0.1:${await listening(createServer(answering(404)))}/`),
        /does not have the packages/,
      ],
      'has a certificate of its own': [
        async () => {
          const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
          const made = [
            'req',
            '-x509',
            '-newkey',
            'rsa:2048',
            '-nodes',
            '-keyout',
            key,
            '-out',
            cert,
          ];
          execFileSync('openssl', [...made, '-days', '2', '-subj', '/CN=127.0.0.1'], {
            stdio: 'ignore',
          });
          const { readFile } = await import('node:fs/promises');
          const files = { key: await readFile(key), cert: await readFile(cert) };
          const server = createTlsServer(files, answering(200));
          return registry(`https://127.0.0.1:${await listening(server)}/`);
        },
        /certificate is not trusted.*npm config set cafile FILE.*NODE_EXTRA_CA_CERTS/,
      ],
      'is behind a proxy that wants a password': [
        async () => {
          const server = createServer(answering(407));
          server.on('connect', (_, socket) =>
            socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
          );
          const proxy = `http://127.0.0.1:${await listening(server)}`;
          return { ...registry('https://registry.npmjs.org/'), npm_config_https_proxy: proxy };
        },
        /the proxy asks for a password/,
      ],
    };

  test.each(Object.keys(CASES))(
    'one that %s',
    async (name) => {
      const [prepare, expected] = CASES[name];
      const env = { ...(await prepare()), npm_config_cache: path.join(folder, 'empty-cache') };
      const { code, stderr } = await run([...FIND, phantom], { env }, bare);
      const said = stderr.trim().split('\n');
      expect([code, said.length]).toEqual([1, 2]);
      expect(said[1]).toMatch(/^find-l3: Could not fetch the npm packages from the npm registry: /);
      expect(said[1]).toMatch(expected);
      expect(existsSync(path.join(bare, 'node_modules'))).toBe(false);
    },
    60_000,
  );
});
