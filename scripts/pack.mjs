#!/usr/bin/env node
// Before `npm pack` and `npm publish`: builds the extension and writes down the commit; afterwards
// (`--after`) takes that away again.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commitOf, STAMP } from './commit.mjs';
import { ensureDependencies, ensurePlugin, PROJECT_ROOT } from './setup.mjs';

const stamp = join(PROJECT_ROOT, STAMP);
if (process.argv.includes('--after')) {
  await rm(stamp, { force: true });
} else {
  const tell = (line) => process.stderr.write(`${line}\n`);
  await ensureDependencies(PROJECT_ROOT, tell);
  await ensurePlugin(PROJECT_ROOT, tell);
  await writeFile(stamp, `${commitOf(PROJECT_ROOT)}\n`);
}
