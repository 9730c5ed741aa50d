#!/usr/bin/env node
// `npm run demo`: makes sure that all is there, then writes a folder that shows the viewer (main.ts).
import {
  checkNode,
  ensureDependencies,
  ensurePlugin,
  ensureViewer,
  PROJECT_ROOT,
} from '../../../scripts/setup.mjs';

try {
  checkNode();
  await ensureDependencies();
  const { register } = await import('tsx/esm/api');
  register();
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv, { root: PROJECT_ROOT, ensureViewer, ensurePlugin });
} catch (failure) {
  process.stderr.write(`${failure.name === 'SetupError' ? failure.message : failure.stack}\n`);
  process.exitCode = 1;
}
