import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { TRAINING_FOLDER } from './paths';

/**
 * Runs a command line of this program in a process of its own, which ends when this one does.
 *
 * @param args e.g. `['train', '--name', 'first']`
 * @returns its exit status
 */
export async function runSubcommand(args: readonly string[]): Promise<number> {
  const child = spawn(
    process.execPath,
    [...process.execArgv, join(TRAINING_FOLDER, 'cli.ts'), ...args],
    { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] },
  );
  // Ctrl-C reaches the child by itself; it ends in its own way, and this process after it.
  const wait = () => {};
  const pass = () => void child.kill('SIGTERM');
  process.on('SIGINT', wait).on('SIGTERM', pass);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (status) => resolve(status ?? 1));
    });
  } finally {
    process.off('SIGINT', wait).off('SIGTERM', pass);
  }
}

/** Ends this process, as Ctrl-C would, when the process that started it is gone, however that ended. */
export function endWithParent(): void {
  if (!process.channel) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
