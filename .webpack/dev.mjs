#!/usr/bin/env node
// `npm run dev`: serves the viewer as `npm start` does (and takes the same options), builds what is
// changed while it runs, with source maps, and lets the page load itself anew.
import { cp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  checkNode,
  ensureDependencies,
  ensurePlugin,
  ensureViewer,
  PROJECT_ROOT,
  say,
} from '../scripts/setup.mjs';

const FOLDER = join(PROJECT_ROOT, '.cache', 'dev', 'find-l3');

/** The built plugin, in a folder of its own where only what is changed is built again. */
async function watchedPlugin() {
  await rm(FOLDER, { recursive: true, force: true });
  await cp(await ensurePlugin(), FOLDER, { recursive: true });
  const runtimeFolder = (await readdir(FOLDER)).find((name) => name.startsWith('runtime-'));
  const { default: webpack } = await import('webpack');
  const { bundleConfig } = await import('./webpack.config.mjs');
  const bundles = [
    { name: 'worker', entry: './src/worker/worker.ts', outDir: join(FOLDER, runtimeFolder) },
    {
      ...{ name: 'index', entry: './.webpack/devEntry.js', outDir: FOLDER, library: true },
      define: {
        FIND_L3_RUNTIME_FOLDER: JSON.stringify(runtimeFolder),
        FIND_L3_COMMIT: JSON.stringify('unknown'),
      },
    },
  ].map((bundle) => ({
    ...bundleConfig({ root: PROJECT_ROOT, ...bundle }),
    mode: 'development',
    devtool: 'source-map',
    optimization: { minimize: false },
  }));
  let built = 0;
  await new Promise((first) => {
    webpack(bundles).watch({ aggregateTimeout: 50 }, async (error, stats) => {
      if (error) return say(String(error));
      if (stats.hasErrors()) return say(stats.toString({ all: false, errors: true }));
      await writeFile(join(FOLDER, 'built.txt'), String(++built));
      if (built > 1) say('Built: the page loads itself anew.');
      first();
    });
  });
  return FOLDER;
}

try {
  checkNode();
  await ensureDependencies();
  const { register } = await import('tsx/esm/api');
  register();
  const { main } = await import('../src/server/main.ts');
  const project = { root: PROJECT_ROOT, ensureViewer, ensurePlugin: watchedPlugin };
  process.exitCode = await main(process.argv, project);
} catch (failure) {
  process.stderr.write(`${failure.name === 'SetupError' ? failure.message : failure.stack}\n`);
  process.exitCode = 1;
}
