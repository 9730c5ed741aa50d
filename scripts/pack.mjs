#!/usr/bin/env node
// Before `npm pack` and `npm publish`: builds the extension and writes down the commit and the bill of
// materials; afterwards (`--after`) takes these away again.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commitOf, STAMP } from './commit.mjs';
import { billOfMaterials } from './sbom.mjs';
import { ensureDependencies, ensurePlugin, PROJECT_ROOT } from './setup.mjs';

const stamp = join(PROJECT_ROOT, STAMP);
const bill = join(PROJECT_ROOT, 'sbom.cdx.json');
if (process.argv.includes('--after')) {
  for (const file of [stamp, bill]) await rm(file, { force: true });
} else {
  const tell = (line) => process.stderr.write(`${line}\n`);
  await ensureDependencies(PROJECT_ROOT, tell);
  const plugin = await ensurePlugin(PROJECT_ROOT, tell);
  const { contains } = JSON.parse(await readFile(join(plugin, 'manifest.json'), 'utf8'));
  const materials = billOfMaterials(PROJECT_ROOT, contains);
  await writeFile(bill, `${JSON.stringify(materials, null, 2)}\n`);
  await writeFile(stamp, `${commitOf(PROJECT_ROOT)}\n`);
}
