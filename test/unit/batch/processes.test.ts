import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, putPatient } from '../cli/patient';
import { BIN, MODEL } from './tree';

jest.setTimeout(180_000);

const onLinux = existsSync('/proc/self/stat') && existsSync(join(MODEL, 'model.onnx'));
const describeWithModel = onLinux ? describe : describe.skip;
const SERIES = 6;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}
const started: ChildProcess[] = [];
afterEach(() => started.forEach((child) => child.kill('SIGKILL')));

/** Starts the program as a shell would. */
function start(args: string[], program = process.execPath, before = [BIN, 'batch']) {
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

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resume) => setTimeout(resume, 10));
}

const paths = () =>
  existsSync(at('out/results.jsonl'))
    ? readFileSync(at('out/results.jsonl'), 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as { path: string }).path)
    : [];
const EXPECTED = Array.from({ length: SERIES }, (_, n) => `p${n}/ct/000.dcm`);

/** Processes whose parent this is, and that run the worker. */
function workersOf({ pid }: ChildProcess): number[] {
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
const isThere = (pid: number) =>
  existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`).length > 0;

describeWithModel('a batch whose processes end', () => {
  const ARGS = () => [at('in'), '--out', at('out')];
  beforeEach(async () => {
    for (let n = 0; n < SERIES; n++) await putPatient(`in/p${n}/ct`, { series: `1.2.${n}` });
  });

  const finish = async () => {
    const { code, stderr } = await start(ARGS()).ended;
    expect(code).toBe(0);
    // On a busy machine it says how far it is.
    expect(stderr).toMatch(/^(\d+ series: [^\n]*\n)*$/);
    expect(paths().sort()).toEqual(EXPECTED.map((path) => at(`in/${path}`)));
    expect(readdirSync(at('out')).sort()).toEqual(['results.csv', 'results.jsonl', 'summary.json']);
  };

  it('killed outright: until then a second says who is there, the workers end, and the next run does nothing twice', async () => {
    const { child, ended } = start(ARGS());
    await until(() => existsSync(at('out/results.jsonl')));
    const second = await start(ARGS()).ended;
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(
      new RegExp(`^find-l3 batch: .*results.jsonl is in use by process ${child.pid} on [^\n]*\n$`),
    );
    await until(() => paths().length >= 1);
    const workers = workersOf(child);
    expect(workers).toHaveLength(1);
    child.kill('SIGKILL');
    expect((await ended).signal).toBe('SIGKILL');
    expect(readdirSync(at('out'))).toContain('results.jsonl.lock');
    await until(() => !workers.some(isThere));
    expect(paths().length).toBeLessThan(SERIES);
    await finish();
  });

  it('a worker killed: another one takes its series', async () => {
    const { child, ended } = start([...ARGS(), '--jobs', '2']);
    await until(() => paths().length >= 1);
    const [worker] = workersOf(child);
    process.kill(worker, 'SIGKILL');
    expect((await ended).code).toBe(0);
    expect(paths().sort()).toEqual(EXPECTED.map((path) => at(`in/${path}`)));
  });

  it('interrupted as a terminal does it: all end with 130, the lock is free', async () => {
    const { child, ended } = start(ARGS());
    await until(() => paths().length >= 1);
    const workers = workersOf(child);
    for (const pid of [...workers, child.pid as number]) process.kill(pid, 'SIGINT');
    expect(await ended).toMatchObject({ code: 130, stdout: '' });
    expect(workers.some(isThere)).toBe(false);
    expect(readdirSync(at('out'))).toEqual(['results.jsonl']);
    await finish();
  });

  it('a full disk: it says so, and goes on when there is room', async () => {
    // The system lets no file grow beyond 4 KiB: two lines and a half.
    const limited = `trap '' XFSZ; ulimit -f 4; exec "$@"`;
    const full = start(ARGS(), 'bash', ['-c', limited, 'bash', process.execPath, BIN, 'batch']);
    const { code, stderr } = await full.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^find-l3 batch: .*results.jsonl cannot be written \(no space left\)\. What it holds is safe: make room and run the same command again\n$/,
    );
    expect(paths().length).toBeGreaterThan(0);
    expect(paths().length).toBeLessThan(SERIES);
    await finish();
  });
});
