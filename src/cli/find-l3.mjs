#!/usr/bin/env node
// The command line in plain JavaScript: makes sure that what it needs is installed, then runs main.ts.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stampCommit } from '../../scripts/commit.mjs';
import { checkNode, ensureDependencies, PROJECT_ROOT } from '../../scripts/setup.mjs';

const INTERRUPTED = 130;
const { version } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'));
/** Of a checkout, or of the published package, whose models are those of the extension. */
const MODELS = ['models', join('dist', 'find-l3', version, 'models')]
  .map((folder) => join(PROJECT_ROOT, folder))
  .find(existsSync);
const tell = (line) => process.stderr.write(`${line}\n`);

try {
  checkNode();
  await ensureDependencies(PROJECT_ROOT, tell);
  const { register } = await import('tsx/esm/api');
  register();
  stampCommit(PROJECT_ROOT);
  const { main } = await import('./main.ts');

  const chosen = JSON.parse(readFileSync(join(MODELS, 'index.json'), 'utf8'));
  const stop = new AbortController();
  process.on('SIGINT', () => {
    if (stop.signal.aborted) process.exit(INTERRUPTED); // asked twice
    stop.abort();
  });
  let unread = false;
  process.stdout.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
    unread = true; // whoever read our lines has seen enough
    stop.abort();
  });
  const status = await main(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    defaultModel: join(MODELS, chosen.default),
    openModel: async (directory) => (await import('../model/node.ts')).openModelPackage(directory),
    workerScript: join(PROJECT_ROOT, 'src', 'batch', 'worker.mjs'),
    env: process.env,
    signal: stop.signal,
  });
  process.exitCode = unread ? 0 : status;
} catch (failure) {
  tell(`find-l3: ${failure.name === 'SetupError' ? failure.message : failure.stack}`);
  process.exitCode = 1;
}
