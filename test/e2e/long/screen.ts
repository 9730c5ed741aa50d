import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';

const PROGRAM = '/usr/bin/Xvfb';

export function screenIsInstalled(): boolean {
  return existsSync(PROGRAM);
}

/** A screen that nobody sees: a browser without one has no WebGL here, which OHIF needs. */
export class Screen {
  private constructor(
    private readonly child: ChildProcess,
    /** `:NUMBER`, for the variable DISPLAY. */
    readonly display: string,
  ) {}

  static async start(): Promise<Screen> {
    const size = ['-screen', '0', '1920x1200x24', '-nolisten', 'tcp'];
    const child = spawn(PROGRAM, ['-displayfd', '3', ...size], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const display = await new Promise<string>((done, fail) => {
      (child.stdio[3] as Readable).once('data', (number: Buffer) => done(`:${`${number}`.trim()}`));
      child.once('error', fail);
      child.once('exit', (status) => fail(new Error(`Xvfb ended with ${status}`)));
    });
    return new Screen(child, display);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGTERM');
    await ended;
  }
}
