import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, putPatient } from '../cli/patient';
import { BIN, MODEL } from './tree';

export const SERIES = 6;
export const describeWhereItRuns =
  existsSync('/proc/self/stat') && existsSync(join(MODEL, 'model.onnx')) ? describe : describe.skip;

/** How a program ended, and what it said. */
interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}
const started: ChildProcess[] = [];

/** Starts the program as a shell would. */
export function start(args: string[], program = process.execPath, before = [BIN, 'batch']) {
  const child = spawn(program, [...before, ...args]);
  started.push(child);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((done) => {
    child.on('close', (code, signal) => done({ code, signal, stdout, stderr }));
  });
  return { child, ended };
}

export async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resume) => setTimeout(resume, 10));
}

/** Of the first file of each series that the journal has. */
export const paths = () =>
  existsSync(at('out/results.jsonl'))
    ? readFileSync(at('out/results.jsonl'), 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as { path: string }).path)
    : [];
export const EXPECTED = Array.from({ length: SERIES }, (_, n) => `p${n}/ct/000.dcm`);

/** Processes whose parent this is, and that run the worker. */
export function workersOf({ pid }: ChildProcess): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const parent = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        return parent === String(pid) && command.includes('worker.mjs');
      } catch {
        return false;
      }
    })
    .map(Number);
}
export const isThere = (pid: number) =>
  existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`).length > 0;

export const ARGS = () => [at('in'), '--out', at('out')];

/** Before each test of its file: series for the batch; after it, nothing that it started runs on. */
export function eachWithSeries(): void {
  beforeEach(async () => {
    for (let n = 0; n < SERIES; n++) await putPatient(`in/p${n}/ct`, { series: `1.2.${n}` });
  });
  afterEach(() => started.forEach((child) => child.kill('SIGKILL')));
}

/** The same command again ends well, with each series answered once. */
export async function finish(): Promise<void> {
  const { code, stderr } = await start(ARGS()).ended;
  expect(code).toBe(0);
  // On a busy machine it says how far it is.
  expect(stderr).toMatch(/^(\d+ series: [^\n]*\n)*$/);
  expect(paths().sort()).toEqual(EXPECTED.map((path) => at(`in/${path}`)));
  expect(readdirSync(at('out')).sort()).toEqual(['results.csv', 'results.jsonl', 'summary.json']);
}
