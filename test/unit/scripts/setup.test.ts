import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const SETUP = pathToFileURL(resolve('scripts/setup.mjs')).href;
/** Stands in for npm: notes what it is asked, then does what the environment says. */
const FAKE_NPM = `
const fs = require('node:fs');
const { FAKE_LOG, FAKE_FAILURE, FAKE_SILENCE, FAKE_TARBALL, ONNXRUNTIME_NODE_INSTALL } = process.env;
const [command] = process.argv.slice(2);
fs.appendFileSync(FAKE_LOG, process.argv.slice(2).join(' ') + ' ' + ONNXRUNTIME_NODE_INSTALL + '\\n');
if (FAKE_FAILURE) { console.error(FAKE_FAILURE); process.exit(1); }
if (FAKE_SILENCE) setTimeout(() => {}, 60_000);
if (command === 'ci') fs.mkdirSync('node_modules', { recursive: true });
if (command === 'pack') fs.copyFileSync(FAKE_TARBALL, 'viewer.tgz');
`;

let folder: string;
let log: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'find-l3-setup-'));
  log = join(folder, 'npm.log');
  await writeFile(join(folder, 'npm.js'), FAKE_NPM);
  await writeFile(log, '');
});
afterEach(() => rm(folder, { recursive: true }));

/** Runs an expression over setup.mjs in a Node of its own; gives its value or its failure. */
function run(expression: string, environment: Record<string, string> = {}): Promise<string> {
  const script = `import * as setup from '${SETUP}';
    try { console.log('=', await (${expression})); }
    catch (failure) { console.log(failure.name + ': ' + failure.message); }`;
  const env = {
    ...process.env,
    npm_execpath: join(folder, 'npm.js'),
    FAKE_LOG: log,
    ...environment,
  };
  return new Promise((done, fail) => {
    execFile(process.execPath, ['--input-type=module', '-e', script], { env }, (error, stdout) =>
      error ? fail(error) : done(stdout.trim()),
    );
  });
}

/** What npm was asked to do, the questions whether it is there left out. */
const asked = async () =>
  (await readFile(log, 'utf8')).split('\n').filter((line) => line && !line.startsWith('view '));

test.each([
  ['20.19.0', '= undefined'],
  ['22.1.0', '= undefined'],
  ['20.18.3', /^SetupError: Find L3 needs Node\.js 20\.19 or newer and this is 20\.18\.3: install/],
  ['18.20.4', /^SetupError: Find L3 needs/],
])('Node.js %s', async (version, expected) => {
  expect(await run(`setup.checkNode('${version}')`)).toEqual(
    typeof expected === 'string' ? expected : expect.stringMatching(expected),
  );
});

describe('npm packages', () => {
  const LOCK = {
    packages: {
      '': { name: 'project' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/only-on-mac': { version: '2.0.0', optional: true },
    },
  };
  const ensure = (environment?: Record<string, string>) =>
    run(`setup.ensureDependencies(${JSON.stringify(folder)})`, environment);
  const install = (version: string) =>
    writeFile(
      join(folder, 'node_modules', '.package-lock.json'),
      JSON.stringify({ packages: { 'node_modules/a': { version } } }),
    );
  beforeEach(() => writeFile(join(folder, 'package-lock.json'), JSON.stringify(LOCK)));

  test('are installed where there are none, and then left alone', async () => {
    expect(await ensure()).toMatch(/^Installing npm packages .*\n= undefined$/);
    expect(await ensure()).toBe('= undefined');
    expect(await asked()).toEqual(['ci --include=dev --ignore-scripts --no-audit --no-fund skip']);
  });

  test('are installed again when the lock file changes', async () => {
    await ensure();
    const packages = { ...LOCK.packages, 'node_modules/b': { version: '1.0.0' } };
    await writeFile(join(folder, 'package-lock.json'), JSON.stringify({ packages }));
    await ensure();
    expect(await asked()).toHaveLength(2);
  });

  test('are left alone where a person has installed them', async () => {
    await mkdir(join(folder, 'node_modules'));
    await install('1.0.0');
    expect(await ensure()).toBe('= undefined');
    expect(await asked()).toEqual([]);
  });

  test('are installed where others lie there', async () => {
    await mkdir(join(folder, 'node_modules'));
    await install('1.0.1');
    await ensure();
    expect(await asked()).toHaveLength(1);
  });

  test.each([
    [
      'npm error code ENOTFOUND\nnpm error network request to https://r failed',
      /cannot be reached/,
    ],
    ['npm error code ECONNREFUSED', /npm config set https-proxy URL/],
    ['npm error code SELF_SIGNED_CERT_IN_CHAIN', /npm config set cafile FILE.*NODE_EXTRA_CA_CERTS/],
    ['npm error code UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /not trusted/],
    ['npm error code E407', /the proxy asks for a password/],
    ['npm error code E403', /refuses access/],
    ['npm error code E404', /does not have the packages/],
  ])('say in one line what to do where npm says %s', async (failure, expected) => {
    const [, said, ...more] = (await ensure({ FAKE_FAILURE: failure })).split('\n');
    expect(said).toMatch(/^SetupError: Could not fetch the npm packages from the npm registry: /);
    expect(said).toMatch(expected);
    expect(more).toEqual([]);
    expect(existsSync(join(folder, 'node_modules', '.find-l3-stamp'))).toBe(false);
    expect(await asked()).toEqual([]);
  });

  test('do not wait for a registry that keeps silent', async () => {
    const short = `setup.ensureDependencies(${JSON.stringify(folder)}, console.log, 300)`;
    expect(await run(short, { FAKE_SILENCE: 'yes' })).toMatch(/SetupError: .* cannot be reached/);
  });

  test('are used as they are in a folder that is not to be written to', async () => {
    await mkdir(join(folder, 'node_modules'));
    await install('1.0.0');
    // Root may write anywhere; nobody can write a file where a folder stands.
    await mkdir(join(folder, 'node_modules', '.find-l3-stamp'));
    expect(await ensure()).toBe('= undefined');
  });

  test('of the published package are npm’s matter', async () => {
    await rm(join(folder, 'package-lock.json'));
    expect(await ensure({ FAKE_FAILURE: 'npm error code ENOTFOUND' })).toBe('= undefined');
  });

  test('show what npm said when it fails otherwise', async () => {
    const said = await ensure({ FAKE_FAILURE: 'npm error lock file is out of step' });
    expect(said).toMatch(/SetupError: Could not fetch the npm packages: .* ended with 1/);
    expect(said).toContain('npm error lock file is out of step');
  });
});

describe('the viewer', () => {
  let tarball: string;
  let viewer: { package: string; version: string; integrity: string };
  beforeEach(async () => {
    await mkdir(join(folder, 'package', 'dist'), { recursive: true });
    await writeFile(join(folder, 'package', 'dist', 'index.html'), 'page');
    tarball = join(folder, 'made.tgz');
    execFileSync('tar', ['-czf', tarball, 'package'], { cwd: folder });
    const sha512 = createHash('sha512')
      .update(await readFile(tarball))
      .digest('base64');
    viewer = { package: '@ohif/app', version: '9.8.7', integrity: `sha512-${sha512}` };
  });
  const ensure = (environment?: Record<string, string>) => {
    const cache = JSON.stringify(join(folder, 'cache'));
    return run(`setup.ensureViewer(${cache}, ${JSON.stringify(viewer)})`, {
      FAKE_TARBALL: tarball,
      ...environment,
    });
  };
  const cached = () => readdir(join(folder, 'cache', 'ohif'));

  test('is fetched once', async () => {
    const dist = join(folder, 'cache', 'ohif', '9.8.7', 'dist');
    expect(await ensure()).toMatch(/^Fetching the stock viewer @ohif\/app@9\.8\.7/);
    expect(await ensure()).toBe(`= ${dist}`);
    expect(await readFile(join(dist, 'index.html'), 'utf8')).toBe('page');
    expect(await cached()).toEqual(['9.8.7']);
    expect(await asked()).toEqual(['pack @ohif/app@9.8.7 --ignore-scripts skip']);
  });

  test('is refused, and nothing kept, where it is not the one that was pinned', async () => {
    viewer.integrity = 'sha512-other';
    expect(await ensure()).toMatch(
      /SetupError: The viewer @ohif\/app@9\.8\.7 that npm delivered is not the expected one/,
    );
    expect(await cached()).toEqual([]);
  });

  test('leaves nothing behind where it cannot be fetched', async () => {
    expect(await ensure({ FAKE_FAILURE: 'npm error code ECONNREFUSED' })).toMatch(
      /SetupError: Could not fetch the viewer @ohif\/app@9\.8\.7 from the npm registry: it cannot be/,
    );
    expect(await cached()).toEqual([]);
  });
});

describe('the extension', () => {
  const BUILD = `import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
    appendFileSync('builds', 'x'); mkdirSync('dist/find-l3/1.2.3', { recursive: true });
    writeFileSync('dist/find-l3/1.2.3/index.js', '');`;
  const ensure = () => run(`setup.ensurePlugin(${JSON.stringify(folder)})`);
  const builds = async () => (await readFile(join(folder, 'builds'), 'utf8')).length;
  const touch = (name: string, seconds: number) => {
    const at = Date.now() / 1000 + seconds;
    return utimes(join(folder, name), at, at);
  };
  beforeEach(async () => {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ version: '1.2.3' }));
    await touch('package.json', -100);
    for (const name of ['.webpack/build.mjs', 'src/viewer/a.ts', 'src/cli/b.ts', 'models/m.onnx']) {
      await mkdir(join(folder, name, '..'), { recursive: true });
      await writeFile(join(folder, name), name.endsWith('mjs') ? BUILD : '');
      await touch(name, -100);
    }
  });

  test('is built once, and again when what it is made of changes', async () => {
    expect(await ensure()).toBe(
      `Building the extension ...\n= ${join(folder, 'dist', 'find-l3', '1.2.3')}`,
    );
    expect(await ensure()).toBe(`= ${join(folder, 'dist', 'find-l3', '1.2.3')}`);
    await touch('src/cli/b.ts', 100);
    await ensure();
    expect(await builds()).toBe(1);
    await touch('src/viewer/a.ts', 100);
    await ensure();
    expect(await builds()).toBe(2);
  });

  test('says why it cannot be built', async () => {
    await writeFile(join(folder, '.webpack/build.mjs'), `throw new Error('no such module')`);
    const said = await ensure();
    expect(said).toMatch(/SetupError: Could not build the extension: .* ended with 1/);
    expect(said).toContain('Error: no such module');
  });
});
