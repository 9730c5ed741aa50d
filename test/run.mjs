// `npm test`: sets up what the tests need, runs every check, and ends with one line over everything.
// `npm run test:long [PART]` (`--long`): only the tests that are too long for every day, or one part of
// them, by the name of its file in test/e2e/long or training/test/long.
// Plain Node.js without dependencies, because it runs before they are installed.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  ensureDependencies,
  ensurePlugin,
  ensureViewer,
  PROJECT_ROOT,
  say,
  SetupError,
} from '../scripts/setup.mjs';

const LONG = process.argv.includes('--long');
const LONG_TESTS = new URL('e2e/long/', import.meta.url);
const LONG_TRAINING = new URL('../training/test/long/', import.meta.url);
/** Parts that no viewer and no built extension is needed for. */
const BARE = ['fuzz', 'compose', 'processes'];
const PART = LONG ? process.argv.slice(2).find((word) => word !== '--long') : undefined;
const OTHER_VIEWERS = join(PROJECT_ROOT, 'test', 'e2e', 'long', 'otherViewers.json');
const OUTPUT = join(PROJECT_ROOT, 'test-output');
/** Debian's packages that tests run beside the project: what is asked whether it is there, and what brings it. */
const ORTHANC = { name: 'Orthanc', program: 'Orthanc', packages: 'orthanc orthanc-dicomweb' };
const OTHER_BROWSERS = [
  { name: 'Xvfb', program: 'Xvfb', ask: '-help', packages: 'xvfb libgl1-mesa-dri' },
  { name: 'Firefox ESR', program: 'firefox-esr', packages: 'firefox-esr' },
  { name: 'WebKitGTK', program: 'WebKitWebDriver', ask: '--help', packages: 'webkit2gtk-driver' },
];
/** Test files at a time: of two cores jest by itself leaves one idle. */
const WORKERS = ['--maxWorkers', String(Math.max(2, availableParallelism() - 1))];
/** A viewer that draws in software takes every core there is, and so does TensorFlow. */
const TWO = ['--maxWorkers', '2'];
const bin = (name) => join(PROJECT_ROOT, 'node_modules', name);
const total = { passed: 0, failed: 0, skipped: 0 };

try {
  await ensureDependencies();
  await rm(OUTPUT, { recursive: true, force: true });
  await mkdir(OUTPUT, { recursive: true });
  await (LONG ? longTests() : everydayTests());
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(`Set-up failed: ${error.message}`);
  total.failed++;
}
say(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;

/** What comes through the network comes while the machine computes, and no suite's end leaves a core idle. */
async function everydayTests() {
  const viewer = ensureViewer();
  viewer.catch(() => undefined); // met below
  const orthanc = installPackaged(ORTHANC);
  const training = setUpTraining();
  await Promise.all([
    check('types', bin('typescript-native/bin/tsc'), ['--noEmit']),
    check('lint', bin('eslint/bin/eslint.js'), ['--max-warnings', '0', '.']),
    check('format', bin('prettier/bin/prettier.cjs'), ['--check', '--log-level', 'warn', '.']),
  ]);
  const ends = await Promise.allSettled([endToEndTests(viewer, orthanc), otherTests(training)]);
  say('\nSkipped: the long tests. To run them: npm run test:long');
  total.skipped++;
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

async function endToEndTests(viewer, orthanc) {
  await viewer;
  await ensurePlugin();
  await orthanc;
  await jest('end-to-end tests', ['--selectProjects', 'e2e', ...TWO]);
}

async function otherTests(training) {
  await jest('unit and component tests', ['--selectProjects', 'unit', 'component', ...WORKERS]);
  if (await training) await trainingTests();
}

async function longTests() {
  const ofTraining = await partsIn(LONG_TRAINING);
  const parts = [...(await partsIn(LONG_TESTS)), ...ofTraining];
  if (PART !== undefined && !parts.includes(PART)) {
    throw new SetupError(`there is no part ${PART}: the parts are ${parts.join(', ')}.`);
  }
  if (ofTraining.includes(PART)) return longTrainingTests(['--testPathPatterns', `long/${PART}`]);
  if (!BARE.includes(PART)) {
    await ensureViewer();
    const others =
      PART && PART !== 'versions' ? [] : JSON.parse(await readFile(OTHER_VIEWERS, 'utf8'));
    for (const viewer of others) await ensureViewer(undefined, viewer);
    await ensurePlugin();
  }
  if (PART === undefined || PART === 'browsers') {
    for (const browser of OTHER_BROWSERS) await installPackaged(browser);
  }
  await jest('long end-to-end tests', [
    ...['--selectProjects', 'long', '--runInBand'],
    ...(PART ? ['--testPathPatterns', `long/${PART}`] : []),
  ]);
  if (PART === undefined) await longTrainingTests();
}

async function longTrainingTests(args) {
  if (!(await setUpTraining())) return;
  await jestOfTraining('long training tests', args, { FIND_L3_TEST_LONG: '1' });
}

async function partsIn(folder) {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.test.ts'));
  return files.map((file) => file.replace('.test.ts', ''));
}

/** Runs a program of node_modules; its output is shown as it comes. Returns the exit status. */
function run(program, args, env = {}) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: PROJECT_ROOT,
      // Packages differ in production, and what is tested here is what developers use.
      env: { ...process.env, NODE_ENV: 'test', ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('close', (status) => done(status ?? 1));
  });
}

async function check(name, program, args) {
  const status = await run(program, args);
  total[status === 0 ? 'passed' : 'failed']++;
  say(`${status === 0 ? 'ok' : 'FAILED'}: ${name}`);
}

async function jest(name, args, env = {}) {
  say(`\n${name}`);
  const report = join(OUTPUT, `${name.replaceAll(' ', '-')}.json`);
  const status = await run(
    bin('jest/bin/jest.js'),
    [...args, '--json', '--outputFile', report],
    env,
  );
  const counts = existsSync(report) ? JSON.parse(await readFile(report, 'utf8')) : undefined;
  if (!counts) {
    say(`FAILED: ${name} ended without a report (exit status ${status})`);
    total.failed++;
    return;
  }
  const brokenFiles = counts.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  total.passed += counts.numPassedTests;
  total.failed += counts.numFailedTests + brokenFiles;
  total.skipped += counts.numPendingTests + counts.numTodoTests;
  if (status !== 0 && counts.numFailedTests + brokenFiles === 0) total.failed++;
}

/** What Debian packages, where installing it asks nothing. */
async function installPackaged({ name, program, ask = '--version', packages }) {
  if (await succeeds(program, [ask])) return;
  const askless = process.getuid?.() === 0 && (await succeeds('apt-get', ['--version']));
  const install = `apt-get install -y ${packages}`;
  if (askless) {
    say(`Installing ${name} ...`);
    const environment = { DEBIAN_FRONTEND: 'noninteractive' };
    await succeeds('apt-get', ['update', '-qq'], environment);
    const [apt, ...args] = install.split(' ');
    if (await succeeds(apt, [...args, '-qq'], environment)) return;
  }
  say(`${name} is not installed: its tests are skipped. To run them: ${install}`);
}

/** The training tests need TensorFlow's native library, which comes through pip. @returns whether it is there */
async function setUpTraining() {
  if (!(await succeeds('python3', ['-m', 'pip', '--version']))) {
    say('\nSkipped: training tests (no pip here). To run them: install Python 3 with pip.');
    total.skipped++;
    return false;
  }
  say('\ntraining set-up');
  const status = await run(join(PROJECT_ROOT, 'training', 'find-l3-train.mjs'), ['setup']);
  if (status === 0) return true;
  say('Skipped: training tests (TensorFlow could not be set up, see above).');
  total.skipped++;
  return false;
}

async function trainingTests() {
  await check('types of training', bin('typescript-native/bin/tsc'), [
    '--noEmit',
    '-p',
    'training',
  ]);
  await jestOfTraining('training tests');
}

function jestOfTraining(name, args = [], env = {}) {
  const config = ['-c', join('training', 'jest.config.js'), ...TWO];
  return jest(name, [...config, ...args], env);
}

function succeeds(program, args, env = {}) {
  return new Promise((done) => {
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
    child.on('error', () => done(false));
    child.on('close', (status) => done(status === 0));
  });
}
