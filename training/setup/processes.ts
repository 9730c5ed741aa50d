import { spawnSync } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Keep the output instead of showing it. */
  readonly quiet?: boolean;
  /** Milliseconds after which the program is stopped. */
  readonly timeout?: number;
}

/** Runs a program to its end; `status` is 127 when there is no such program. */
export function run(
  program: string,
  args: readonly string[],
  { cwd, env, quiet = false, timeout }: RunOptions = {},
): { status: number; stdout: string; stderr: string } {
  const result = spawnSync(program, args, {
    cwd,
    env,
    timeout,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
  });
  return {
    status: result.error ? 127 : (result.status ?? 1),
    stdout: result.stdout ?? '',
    stderr: (result.stderr ?? '') + (result.error ? `\n${result.error.message}` : ''),
  };
}

export const has = (program: string, args: readonly string[]): boolean =>
  run(program, args, { quiet: true }).status === 0;

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
