import { spawnSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { release } from 'node:os';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Keep the output instead of showing it. */
  readonly quiet?: boolean;
  /** Milliseconds after which the program is stopped. */
  readonly timeout?: number;
}

export interface RunResult {
  /** 127 when there is no such program. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** All that setup asks of the computer it runs on. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Release of its kernel. */
  readonly kernel: string;
  /** Runs a program to its end. */
  run(program: string, args: readonly string[], options?: RunOptions): RunResult;
  /** Whether a web address answers. */
  answers(url: string): Promise<boolean>;
  /** What a web address says; null where it says nothing. */
  read(url: string, accept: string): Promise<string | null>;
  /** Bytes left on the disk of a folder. */
  freeBytes(folder: string): number;
  say(line: string): void;
}

export const thisMachine: Machine = {
  platform: process.platform,
  arch: process.arch,
  kernel: release(),
  run(program, args, { cwd, env, quiet = false, timeout } = {}) {
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
  },
  async answers(url) {
    try {
      const answer = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(10_000) });
      return answer.ok;
    } catch {
      return false;
    }
  },
  async read(url, accept) {
    try {
      const signal = AbortSignal.timeout(30_000);
      const answer = await fetch(url, { headers: { Accept: accept }, signal });
      return answer.ok ? await answer.text() : null;
    } catch {
      return null;
    }
  },
  freeBytes(folder) {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  },
  say(line) {
    process.stdout.write(`${line}\n`);
  },
};

export const has = (machine: Machine, program: string, args: readonly string[]): boolean =>
  machine.run(program, args, { quiet: true }).status === 0;
