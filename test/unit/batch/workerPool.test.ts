import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkerPool } from '../../../src/batch/workerPool';
import type { Outcome } from '../../../src/batch/workerPool';

let [folder, pool]: [string, WorkerPool | null] = ['', null];
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'find-l3-pool-'))));
afterEach(async () => {
  await pool?.close();
  rmSync(folder, { recursive: true });
});

function poolOf(jobs: number, model = 'm'): WorkerPool {
  const script = join(__dirname, 'flakyWorker.mjs');
  pool = new WorkerPool({
    script,
    jobs,
    open: { kind: 'open', model, modality: null, pictures: null, reports: false },
  });
  return pool;
}

async function begin(path: string): Promise<Promise<Outcome>[]> {
  const { outcome } = await (pool as WorkerPool).begin({
    input: 'i',
    paths: [path],
    pictureMark: '',
  });
  return [outcome];
}

const answerOf = (outcome: Outcome) =>
  'crashed' in outcome
    ? outcome.crashed
    : (outcome.lines[0].line as unknown as { path: string; pid: number; threads: number });

describe('the workers', () => {
  it('are as many processes as jobs, used again, and no more at a time', async () => {
    poolOf(2);
    const outcomes: Promise<Outcome>[] = [];
    for (const path of ['a', 'b', 'c', 'd', 'e', 'f']) outcomes.push(...(await begin(path)));
    const answers = (await Promise.all(outcomes)).map(answerOf) as {
      path: string;
      pid: number;
      threads: number;
    }[];
    expect(answers.map(({ path }) => path)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(2);
    expect(answers.map(({ pid }) => pid)).not.toContain(process.pid);
    const share = Math.max(1, Math.floor(availableParallelism() / 2));
    expect(answers.map(({ threads }) => threads)).toEqual(answers.map(() => share));
  });

  it('that crash once cost nothing but time', async () => {
    poolOf(1);
    const [outcome] = await begin(join(folder, 'marker'));
    expect(answerOf(await outcome)).toMatchObject({ path: join(folder, 'marker') });
  });

  it('that crash twice in a series cost that series alone', async () => {
    poolOf(2);
    const outcomes: Promise<Outcome>[] = [];
    for (const path of ['a', 'dies', 'b', 'c']) outcomes.push(...(await begin(path)));
    expect((await Promise.all(outcomes)).map(answerOf)).toMatchObject([
      { path: 'a' },
      'SIGKILL',
      { path: 'b' },
      { path: 'c' },
    ]);
  });

  it.each([
    ['broken', /^no such model$/],
    ['dies', /ended before its first series \(exit status 3\)\. cannot start/],
  ])('whose model is %s stop the whole', async (model, message) => {
    poolOf(1, model);
    const [outcome] = await begin('a');
    await expect(outcome).rejects.toThrow(message);
  });

  it('end when the pool closes, whatever they do, and none is started any more', async () => {
    poolOf(1);
    const [outcome] = await begin('hangs');
    await new Promise((resume) => setTimeout(resume, 500));
    await pool?.close();
    expect(answerOf(await outcome)).toMatch(/exit status 0|SIGKILL/);
    const [late] = await begin('a');
    expect(answerOf(await late)).toBe('');
  });
});
