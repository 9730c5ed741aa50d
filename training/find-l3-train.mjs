#!/usr/bin/env node
// Makes sure that the packages are there, then hands over to cli.ts.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureDependencies, SetupError } from '../scripts/setup.mjs';

const training = fileURLToPath(new URL('.', import.meta.url));
const root = join(training, '..');
const major = Number(process.versions.node.split('.')[0]);
if (major < 20 || major > 22) {
  fail(
    `Training runs on Node 20 to 22 (TensorFlow.js 4.22 uses functions that Node 23 removed); this is ${process.version}.`,
  );
}
const tell = (line) => process.stderr.write(`${line}\n`);
try {
  await ensureDependencies(root, tell);
  await ensureDependencies(training, tell);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  fail(error.message);
}

const tsx = pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;
// Node 22 says of each start that TensorFlow.js uses functions which Node 23 has removed.
const quiet = major === 22 ? ['--disable-warning=DEP0051', '--disable-warning=DEP0044'] : [];
// By the channel the child notices when this process is gone, and ends too.
const child = spawn(
  process.execPath,
  [...quiet, '--import', tsx, join(training, 'cli.ts'), ...process.argv.slice(2)],
  {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...cudaEnvironment() },
  },
);
// Ctrl-C reaches the child by itself; it writes a checkpoint and ends, and so does this process then.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('error', (error) => fail(`Cannot start Node: ${error.message}`));
child.on('exit', (status) => process.exit(status ?? 1));

/** The loader of libraries reads this at a program's start only, so it is set here. */
function cudaEnvironment() {
  const nvidia = join(training, 'work', 'cuda', 'nvidia');
  if (!existsSync(nvidia)) return {};
  const libraries = readdirSync(nvidia).map((part) => join(nvidia, part, 'lib'));
  return {
    LD_LIBRARY_PATH: [...libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter),
  };
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
