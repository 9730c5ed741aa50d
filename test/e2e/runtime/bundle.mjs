/**
 * Bundles the worker as it ships and the test page, with the project's own bundler settings:
 *
 *     node test/e2e/runtime/bundle.mjs FOLDER    makes FOLDER/worker.js, page.js and ort/
 */
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import webpack from 'webpack';
import { bundleConfig } from '../../../.webpack/webpack.config.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const outDir = path.resolve(process.argv[2]);
const compiler = webpack([
  bundleConfig({ root, name: 'worker', entry: './src/worker/worker.ts', outDir }),
  bundleConfig({ root, name: 'page', entry: './test/e2e/runtime/page.ts', outDir }),
]);
compiler.run((error, stats) => {
  compiler.close(() => undefined);
  if (error) throw error;
  if (stats.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }));
});
const ort = 'ort-wasm-simd-threaded.asyncify';
for (const [from, to] of [
  [`${ort}.mjs`, `${ort}.js`],
  [`${ort}.wasm`, `${ort}.wasm`],
]) {
  await cp(
    path.join(root, 'node_modules/onnxruntime-web/dist', from),
    path.join(outDir, 'ort', to),
  );
}
