#!/usr/bin/env node
// `npm run test:unit [PATH]`: unit and component tests, all of them or those whose path holds PATH.
// jest itself, given a path beside --selectProjects, runs everything.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkNode, ensureDependencies, PROJECT_ROOT } from './setup.mjs';

checkNode();
await ensureDependencies();
const [first, ...rest] = process.argv.slice(2);
const hasPath = first !== undefined && !first.startsWith('-');
const args = [
  ...['--selectProjects', 'unit', 'component'],
  ...(hasPath ? ['--testPathPatterns', first, ...rest] : process.argv.slice(2)),
];
const child = spawn(
  process.execPath,
  [join(PROJECT_ROOT, 'node_modules', 'jest', 'bin', 'jest.js'), ...args],
  { cwd: PROJECT_ROOT, stdio: 'inherit', env: { ...process.env, NODE_ENV: 'test' } },
);
child.on('close', (status) => (process.exitCode = status ?? 1));
