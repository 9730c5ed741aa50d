#!/usr/bin/env node
// `npm run check`: types of everything and lint, again only for what changed since the last time.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkNode, ensureDependencies, PROJECT_ROOT, say } from './setup.mjs';

const CACHE = join('.cache', 'check');
const bin = (name) => join(PROJECT_ROOT, 'node_modules', name);
const lint = ['--max-warnings', '0', '--cache', '--cache-strategy', 'content'];

checkNode();
await ensureDependencies();
// Types of training need its own dependencies (npm run train -- setup); with them one program checks everything.
const hasTraining = existsSync(join(PROJECT_ROOT, 'training', 'node_modules'));
const project = hasTraining ? 'tsconfig.all.json' : 'tsconfig.json';
const buildInfo = join(CACHE, hasTraining ? 'all.tsbuildinfo' : 'src.tsbuildinfo');
const types = ['--noEmit', '--incremental', '--tsBuildInfoFile', buildInfo, '-p', project];
const checks = [
  ['types', bin('typescript-native/bin/tsc'), ...types],
  ['lint', bin('eslint/bin/eslint.js'), ...lint, '--cache-location', `${CACHE}/eslint`, '.'],
];
const statuses = await Promise.all(checks.map(run));
process.exitCode = statuses.some((status) => status !== 0) ? 1 : 0;

function run([name, program, ...args]) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: PROJECT_ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      // For the compiler, a Go program: collecting garbage is a third of its work.
      env: { ...process.env, GOGC: 'off', GOMEMLIMIT: '1GiB' },
    });
    child.on('close', (status) => {
      say(`${status === 0 ? 'ok' : 'FAILED'}: ${name}`);
      done(status ?? 1);
    });
  });
}
