import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const PACKAGE = /node_modules\/((?:@[^/]+\/)?[^/]+)\//g;

/**
 * The licence texts of every npm package whose code is in the bundles.
 *
 * @param {string} root of the project
 * @param {import('webpack').StatsCompilation[]} bundles
 * @param {string[]} copied packages whose files are shipped as they are
 */
export async function licencesOf(root, bundles, copied) {
  const names = new Set(copied);
  const visit = (modules = []) => {
    for (const module of modules) {
      const found = [...(module.name ?? '').matchAll(PACKAGE)].at(-1);
      if (found) names.add(found[1]);
      visit(module.modules);
    }
  };
  for (const { modules } of bundles) visit(modules);
  const parts = [];
  for (const name of [...names].sort()) parts.push(await licenceOf(root, name));
  return `Find L3 contains code of these packages.\n\n${parts.join(`\n${'-'.repeat(72)}\n\n`)}`;
}

async function licenceOf(root, name) {
  const folder = path.join(root, 'node_modules', name);
  const manifest = path.join(folder, 'package.json');
  if (!existsSync(manifest)) throw new Error(`The licence of ${name} was not found`);
  const { version, license, repository } = JSON.parse(await readFile(manifest, 'utf8'));
  const source = typeof repository === 'string' ? repository : (repository?.url ?? '');
  const head = [`${name} ${version}`, `Licence: ${license}`, source].filter(Boolean).join('\n');
  const texts = (await readdir(folder)).filter((file) =>
    /^(licen[cs]e|notice|third.?party)/i.test(file),
  );
  const bodies = await Promise.all(texts.map((file) => readFile(path.join(folder, file), 'utf8')));
  return `${[head, ...bodies.map((body) => body.trim())].join('\n\n')}\n`;
}
