// `npm run bench`: sets up what the benchmark needs and runs it.
import { spawn } from 'node:child_process';
import { ensureDependencies, ensurePlugin, ensureViewer, PROJECT_ROOT } from '../scripts/setup.mjs';

await ensureDependencies();
await ensureViewer();
await ensurePlugin();
const bench = ['--expose-gc', '--import', 'tsx', 'test/bench/main.ts', ...process.argv.slice(2)];
const run = spawn(process.execPath, bench, { cwd: PROJECT_ROOT, stdio: 'inherit' });
run.on('close', (status, signal) => {
  if (signal) console.error(`The benchmark was ended by ${signal}.`);
  process.exitCode = status ?? 1;
});
