// The bill of materials of a release (CycloneDX): what npm says of the packages whose code is in the
// extension or that the command line is installed with.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const OPTIONS = { encoding: 'utf8', maxBuffer: 2 ** 28, shell: process.platform === 'win32' };

/**
 * @param {string} root of the project
 * @param {readonly string[]} contains `name@version` of what is in the extension
 * @returns {object} a CycloneDX document
 */
export function billOfMaterials(root, contains) {
  const args = ['sbom', '--sbom-format', 'cyclonedx'];
  const all = JSON.parse(execFileSync('npm', args, { ...OPTIONS, cwd: root }));
  const missing = contains.filter((one) => !all.components.some((it) => it['bom-ref'] === one));
  if (missing.length > 0) throw new Error(`npm sbom knows nothing of ${missing.join(', ')}`);

  const dependsOn = new Map(all.dependencies.map(({ ref, dependsOn: on = [] }) => [ref, on]));
  const release = all.metadata.component;
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const wanted = Object.entries(dependencies).map(([name, version]) => `${name}@${version}`);
  const kept = new Set(contains);
  for (let next = wanted.pop(); next !== undefined; next = wanted.pop()) {
    if (kept.has(next) && !contains.includes(next)) continue;
    kept.add(next);
    wanted.push(...(dependsOn.get(next) ?? []).filter((ref) => !kept.has(ref)));
  }
  const name = release['bom-ref'].replace(/@[^@]*$/, '');
  return {
    ...all,
    metadata: { ...all.metadata, component: { ...release, name } },
    components: all.components.filter((component) => kept.has(component['bom-ref'])),
    dependencies: [release['bom-ref'], ...kept]
      .filter((ref) => dependsOn.has(ref))
      .map((ref) => ({ ref, dependsOn: dependsOn.get(ref).filter((on) => kept.has(on)) })),
  };
}
