// What `npm start` and `npm run demo` begin with. Plain Node.js, because it runs before packages are installed.
import {
  checkNode,
  ensureDependencies,
  ensurePlugin,
  ensureViewer,
  PROJECT_ROOT,
} from './setup.mjs';

/** Installs what is missing, then runs the `main` of a TypeScript file; it is loaded by `load`. */
export async function startProgram(load) {
  try {
    checkNode();
    await ensureDependencies();
    const { register } = await import('tsx/esm/api');
    register();
    const { main } = await load();
    process.exitCode = await main(process.argv, { root: PROJECT_ROOT, ensureViewer, ensurePlugin });
  } catch (failure) {
    process.stderr.write(`${failure.name === 'SetupError' ? failure.message : failure.stack}\n`);
    process.exitCode = 1;
  }
}
