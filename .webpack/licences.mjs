import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Licence texts of packages that ship none, each in a folder `name@version`. */
const KEPT = new URL('licences/', import.meta.url);
const TEXT = /^(licen[cs]e|notice|third.?party)/i;
const PACKAGE = /node_modules\/((?:@[^/]+\/)?[^/]+)\//g;

/**
 * The npm packages whose code is in what is built.
 *
 * @param {string} root of the project
 * @param {import('webpack').StatsCompilation[]} bundles
 * @param {string[]} copied packages whose files are shipped as they are
 * @returns {Promise<{ name: string, version: string, license: string, source: string }[]>} by name
 */
export async function packagesOf(root, bundles, copied) {
  const names = new Set(copied);
  const visit = (modules = []) => {
    for (const module of modules) {
      const found = [...(module.name ?? '').matchAll(PACKAGE)].at(-1);
      if (found) names.add(found[1]);
      visit(module.modules);
    }
  };
  for (const { modules } of bundles) visit(modules);
  return Promise.all(
    [...names].sort().map(async (name) => {
      const manifest = path.join(root, 'node_modules', name, 'package.json');
      const { version, license, repository } = JSON.parse(await readFile(manifest, 'utf8'));
      const source = typeof repository === 'string' ? repository : (repository?.url ?? '');
      return { name, version, license, source };
    }),
  );
}

/**
 * The licence texts of packages, their own or those that are kept for them.
 *
 * @param {string} root of the project
 * @param {Awaited<ReturnType<typeof packagesOf>>} packages
 * @throws {Error} where there is no text for one: nothing is shipped without
 */
export async function licencesOf(root, packages) {
  const parts = await Promise.all(packages.map((one) => licenceOf(root, one)));
  return `Find L3 contains code of these packages.\n\n${parts.join(`\n${'-'.repeat(72)}\n\n`)}`;
}

async function licenceOf(root, { name, version, license, source }) {
  const own = path.join(root, 'node_modules', name);
  const kept = fileURLToPath(new URL(`${name}@${version}/`, KEPT));
  const texts = [...(await textsIn(own)), ...(await textsIn(kept))];
  if (texts.length === 0) {
    throw new Error(
      `${name} ${version} ships no licence text: put that of its source into ${kept}`,
    );
  }
  const head = [`${name} ${version}`, `Licence: ${license}`, source].filter(Boolean).join('\n');
  return `${[head, ...texts.map((text) => text.trim())].join('\n\n')}\n`;
}

async function textsIn(folder) {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => TEXT.test(name)).sort();
  return Promise.all(files.map((name) => readFile(path.join(folder, name), 'utf8')));
}
