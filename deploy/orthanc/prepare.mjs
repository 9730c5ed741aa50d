#!/usr/bin/env node
// Makes the folder from which Orthanc alone serves the viewer with Find L3 (see serve-folders.json):
//
//     node deploy/orthanc/prepare.mjs VIEWER_FOLDER FIND_L3_FOLDER OUT [--prefix /ohif]
//
// FIND_L3_FOLDER is dist/find-l3/VERSION. Orthanc serves folders under a path only, and only files
// that are there. OHIF's build expects to lie at "/": its own addresses in a copy are changed to
// the prefix, and the page is copied to the names of its routes. Plain Node.js, no packages.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The modes of the stock viewer, which are the first steps of its addresses. */
const ROUTES = ['viewer', 'segmentation', 'tmtv', 'microscopy', 'preclinical-4d', 'basic'];

const args = process.argv.slice(2);
const at = args.indexOf('--prefix');
const [, prefix = '/ohif'] = at < 0 ? [] : args.splice(at, 2);
const [viewer, plugin, out] = args;
try {
  if (!out) throw new Error('usage: prepare.mjs VIEWER_FOLDER FIND_L3_FOLDER OUT [--prefix /ohif]');
  if (!/^(\/[\w-]+)+$/.test(prefix)) throw new Error(`${prefix} is no prefix like /ohif`);
  prepare();
  process.stdout.write(`${out}: open ${prefix}/index.html of your Orthanc for the worklist\n`);
} catch (failure) {
  process.stderr.write(`${failure.message}\n`);
  process.exitCode = 2;
}

function prepare() {
  for (const [folder, file] of [
    [viewer, 'index.html'],
    [plugin, 'manifest.json'],
  ]) {
    if (!existsSync(join(folder, file))) throw new Error(`there is no ${file} in ${folder}`);
  }
  if (existsSync(out) && readdirSync(out).length > 0) throw new Error(`${out} is not empty`);
  mkdirSync(out, { recursive: true });
  cpSync(viewer, out, { recursive: true });
  let moved = 0;
  for (const name of readdirSync(out).filter((file) => file.endsWith('.js'))) {
    const script = readFileSync(join(out, name), 'utf8');
    const own = script.replaceAll(
      /(__webpack_require__|\b\w)\.p ?= ?"\/"/g,
      (all) => `${all.slice(0, -3)}"${prefix}/"`,
    );
    if (own === script) continue;
    writeFileSync(join(out, name), own);
    moved++;
  }
  if (moved === 0)
    throw new Error(`no script of ${viewer} says where it lies: is it a built OHIF?`);
  const page = readFileSync(join(out, 'index.html'), 'utf8')
    .replaceAll(/\b(src|href|content)="\/(?!\/)/g, `$1="${prefix}/`)
    .replace('window.PUBLIC_URL="/"', `window.PUBLIC_URL="${prefix}/"`)
    // Orthanc has no page at the folder itself, which is the worklist's address.
    .replace(
      '<head>',
      `<head><script>location.pathname==="${prefix}/index.html"&&history.replaceState(null,"","${prefix}/"+location.search)</script>`,
    );
  for (const name of ['index.html', ...ROUTES]) writeFileSync(join(out, name), page);
  const { version } = JSON.parse(readFileSync(join(plugin, 'manifest.json'), 'utf8'));
  cpSync(plugin, join(out, 'plugins', 'find-l3', version), { recursive: true });
  const config = readFileSync(new URL('../app-config.js', import.meta.url), 'utf8')
    .replace('routerBasename: null', `routerBasename: '${prefix}'`)
    .replace(/'\/plugins\/find-l3\/[^/]+\//, `'${prefix}/plugins/find-l3/${version}/`);
  writeFileSync(join(out, 'app-config.js'), config);
}
