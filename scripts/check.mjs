#!/usr/bin/env node
// `npm run check`: types of everything and lint, again only for what changed since the last time.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkNode, ensureDependencies, PROJECT_ROOT, say } from './setup.mjs';

const CACHE = join('.cache', 'check');
const bin = (name) => join(PROJECT_ROOT, 'node_modules', name);
const types = (name, ...args) => [
  ...['types', bin('typescript-native/bin/tsc'), '--noEmit', '--incremental', ...args],
  ...['--tsBuildInfoFile', join(CACHE, `${name}.tsbuildinfo`)],
];
const lint = ['--max-warnings', '0', '--cache', '--cache-strategy', 'content'];

checkNode();
await ensureDependencies();
const checks = [
  types('src'),
  ['lint', bin('eslint/bin/eslint.js'), ...lint, '--cache-location', `${CACHE}/eslint`, '.'],
];
// Types of the training package need its own dependencies: npm run train -- setup
if (existsSync(join(PROJECT_ROOT, 'training', 'node_modules'))) {
  checks.push(types('training', '-p', 'training'));
}
const statuses = await Promise.all(checks.map(run));
process.exitCode = statuses.some((status) => status !== 0) ? 1 : 0;

function run([name, program, ...args]) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: PROJECT_ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('close', (status) => {
      say(`${status === 0 ? 'ok' : 'FAILED'}: ${name}`);
      done(status ?? 1);
    });
  });
}
