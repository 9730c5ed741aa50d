// Stands in for a worker process: answers with the paths it was given, or ends as the first path says.
import { existsSync, writeFileSync } from 'node:fs';

let threads;
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
process.on('message', (message) => {
  if (message.kind === 'stop') return process.disconnect();
  if (message.kind === 'open') {
    ({ threads } = message);
    if (message.model === 'broken')
      return process.send({ kind: 'not-opened', message: 'no such model' });
    if (message.model === 'dies') {
      process.stderr.write('cannot start\n');
      process.exit(3);
    }
    return process.send({ kind: 'opened' });
  }
  const [path] = message.paths;
  if (path.startsWith('hangs')) return undefined;
  if (path.startsWith('dies')) process.kill(process.pid, 'SIGKILL');
  if (path.startsWith('/') && !existsSync(path)) {
    // dies the first time only
    writeFileSync(path, '');
    process.exit(7);
  }
  const { input } = message;
  const line = { path, input, pid: process.pid, threads };
  setTimeout(
    () => process.send({ kind: 'answered', lines: [{ line, picture: null }], pictureFault: null }),
    50,
  );
});
