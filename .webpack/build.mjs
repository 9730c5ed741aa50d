/**
 * `npm run build`: makes `dist/find-l3/<version>/`, the plugin folder that an admin copies beside a stock OHIF.
 *
 *     index.js                        the extension, an ES module with a default export
 *     index.umd.js                    the same for the runtime plugins of OHIF 3.14
 *     runtime-<hash>/worker.js        projection and model, in a worker
 *     runtime-<hash>/ort/             the ONNX runtime
 *     models/index.json, models/<name>/
 *     manifest.json                   every file with its size and SHA-256
 *     LICENSE.txt, THIRD-PARTY-LICENSES.txt
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import webpack from 'webpack';
import { commitOf } from '../scripts/commit.mjs';
import { licencesOf, packagesOf } from './licences.mjs';
import { bundleConfig } from './webpack.config.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { name: packageName, version } = JSON.parse(
  readFileSync(path.join(root, 'package.json'), 'utf8'),
);
const dist = path.join(root, 'dist', 'find-l3');
const partial = path.join(root, 'dist', `.find-l3-${process.pid}`);
const ortDist = path.join(root, 'node_modules', 'onnxruntime-web', 'dist');
const ORT_NAME = 'ort-wasm-simd-threaded.asyncify';
const SHIPPED = new Set(['.js', '.wasm', '.onnx', '.json', '.txt', '.md']);

async function build() {
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  try {
    const commit = commitOf(root);
    const worker = await bundle({
      name: 'worker',
      entry: './src/worker/worker.ts',
      outDir: partial,
    });
    const ort = await readFile(path.join(ortDist, `${ORT_NAME}.mjs`));
    const hash = createHash('sha256');
    hash.update(await readFile(path.join(partial, 'worker.js'))).update(ort);
    const runtimeFolder = `runtime-${hash.digest('hex').slice(0, 8)}`;
    const runtime = path.join(partial, runtimeFolder);
    await mkdir(path.join(runtime, 'ort'), { recursive: true });
    await rename(path.join(partial, 'worker.js'), path.join(runtime, 'worker.js'));
    // Servers often give .mjs no JavaScript type, so the module goes by .js.
    await cp(path.join(ortDist, `${ORT_NAME}.mjs`), path.join(runtime, 'ort', `${ORT_NAME}.js`));
    await cp(path.join(ortDist, `${ORT_NAME}.wasm`), path.join(runtime, 'ort', `${ORT_NAME}.wasm`));

    const define = {
      FIND_L3_RUNTIME_FOLDER: JSON.stringify(runtimeFolder),
      FIND_L3_COMMIT: JSON.stringify(commit),
    };
    const outDir = partial;
    const index = await bundle({
      ...{ name: 'index', entry: './src/index.tsx', outDir, library: true, define },
    });
    const umd = await bundle({
      ...{ name: 'index.umd', entry: './src/umd.tsx', outDir, umd: packageName, define },
    });
    const models = await copyModels();
    const packages = await packagesOf(root, [worker, index, umd], ['onnxruntime-web']);
    await writeLicences(packages);
    const files = await inventory();
    const contains = packages.map(({ name, version: its }) => `${name}@${its}`);
    await writeJson('manifest.json', { name: 'find-l3', version, commit, contains, files });
    await refuseForeignContent(files);
    await rm(dist, { recursive: true, force: true });
    await mkdir(dist);
    await rename(partial, path.join(dist, version));

    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    console.log(
      `dist/find-l3/${version}: ${files.length + 1} files, ${(bytes / 1e6).toFixed(1)} MB`,
    );
    if (models.length === 0) {
      console.log('models/ holds no model package: the panel will say "No model is installed."');
    }
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** @returns {Promise<webpack.StatsCompilation>} */
function bundle(options) {
  const compiler = webpack(bundleConfig({ root, ...options }));
  return new Promise((resolve, reject) => {
    compiler.run((error, stats) => {
      compiler.close(() => {});
      if (error) return reject(error);
      if (stats.hasErrors()) return reject(new Error(stats.toString({ all: false, errors: true })));
      resolve(stats.toJson({ all: false, modules: true, nestedModules: true, modulesSpace: 1e6 }));
    });
  });
}

async function copyModels() {
  const from = path.join(root, 'models');
  const names = [];
  for (const entry of existsSync(from) ? await readdir(from, { withFileTypes: true }) : []) {
    if (!entry.isDirectory()) continue;
    if (!existsSync(path.join(from, entry.name, 'manifest.json'))) continue;
    names.push(entry.name);
    await cp(path.join(from, entry.name), path.join(partial, 'models', entry.name), {
      recursive: true,
      filter: (file) => path.extname(file) === '' || SHIPPED.has(path.extname(file)),
    });
  }
  names.sort();
  const indexFile = path.join(from, 'index.json');
  const chosen = existsSync(indexFile) && JSON.parse(await readFile(indexFile, 'utf8')).default;
  if (chosen && !names.includes(chosen)) {
    throw new Error(`models/index.json names ${chosen}, which is no model package in models/`);
  }
  if (names.length > 1 && !chosen) {
    throw new Error(
      `models/ holds ${names.join(', ')}: say which one to use with {"default": "..."} in models/index.json`,
    );
  }
  await writeJson('models/index.json', { default: chosen || names[0] || null, models: names });
  return names;
}

async function writeLicences(packages) {
  if (existsSync(path.join(root, 'LICENSE'))) {
    await cp(path.join(root, 'LICENSE'), path.join(partial, 'LICENSE.txt'));
  }
  const text = await licencesOf(root, packages);
  await writeFile(path.join(partial, 'THIRD-PARTY-LICENSES.txt'), text);
}

async function writeJson(name, value) {
  const file = path.join(partial, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
}

async function inventory() {
  const entries = await readdir(partial, { recursive: true, withFileTypes: true });
  const files = [];
  for (const entry of entries.filter((item) => item.isFile())) {
    const file = path.join(entry.parentPath, entry.name);
    const content = await readFile(file);
    const name = path.relative(partial, file).split(path.sep).join('/');
    const sha256 = createHash('sha256').update(content).digest('hex');
    files.push({ name, bytes: content.length, sha256 });
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Only kinds of files that every server knows, and nothing that names this machine's folders. */
async function refuseForeignContent(files) {
  for (const { name } of files) {
    if (!SHIPPED.has(path.extname(name)))
      throw new Error(`${name} is of a kind that is not shipped`);
    if (path.extname(name) !== '.js') continue;
    const text = await readFile(path.join(partial, name), 'utf8');
    if (text.includes(root) || text.includes('file:///')) {
      throw new Error(`${name} names a folder of this machine`);
    }
  }
}

build().catch((error) => {
  console.error(`The build failed: ${error.message}`);
  process.exitCode = 1;
});
