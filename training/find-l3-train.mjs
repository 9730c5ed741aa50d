#!/usr/bin/env node
// Makes sure that the packages are there, then hands over to cli.ts.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const training = fileURLToPath(new URL('.', import.meta.url));
const root = join(training, '..');
const major = Number(process.versions.node.split('.')[0]);
if (major < 20 || major > 22) {
  fail(
    `Training runs on Node 20 to 22 (TensorFlow.js 4.22 uses functions that Node 23 removed); this is ${process.version}.`,
  );
}
if (!existsSync(join(root, 'node_modules', 'tsx'))) install(root, 'the project');
const lock = createHash('sha256')
  .update(readFileSync(join(training, 'package-lock.json')))
  .digest('hex');
const stamp = join(training, 'node_modules', '.installed-lock');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  install(training, 'training');
  writeFileSync(stamp, lock);
}

const tsx = pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;
const child = spawn(
  process.execPath,
  ['--import', tsx, join(training, 'cli.ts'), ...process.argv.slice(2)],
  { stdio: 'inherit', env: { ...process.env, ...cudaEnvironment() } },
);
// Ctrl-C reaches the child by itself; it writes a checkpoint and ends, and so does this process then.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('error', (error) => fail(`Cannot start Node: ${error.message}`));
child.on('exit', (status) => process.exit(status ?? 1));

/** The loader of libraries reads this at a program's start only, so it is set here. */
function cudaEnvironment() {
  const nvidia = join(training, 'work', 'cuda', 'nvidia');
  if (process.env.FIND_L3_TRAIN_GPU !== '1' || !existsSync(nvidia)) return {};
  const libraries = readdirSync(nvidia).map((part) => join(nvidia, part, 'lib'));
  return {
    LD_LIBRARY_PATH: [...libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter),
  };
}

function install(folder, what) {
  process.stderr.write(`Installing the packages of ${what} (npm ci) ...\n`);
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status } = spawnSync(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) fail(`npm ci in ${folder} failed; what it said is above.`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
