import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCases } from '../items/cases';
import { splitOf } from '../items/splits';
import { readCheckpoint } from '../train/checkpoint';
import { runSeed } from '../article/seedRun';

const INDEX = join(import.meta.dirname, '..', '..', '..', 'shared/data/mr/index.json');
const split = splitOf({
  rules: [
    { role: 'train', cases: ['chu-02', 'chu-05', 'chu-08'], reason: '' },
    { role: 'held-out', cases: ['chu-04'], reason: '' },
  ],
  persons: [],
  levelsYMm: {},
});

(existsSync(INDEX) ? describe : describe.skip)("the article's system", () => {
  let runs: string;
  beforeAll(() => {
    runs = mkdtempSync(join(tmpdir(), 'seed-'));
    jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  });
  afterAll(() => {
    jest.restoreAllMocks();
    rmSync(runs, { recursive: true });
  });

  const train = (name: string, epochs: number, resume = false) =>
    runSeed({
      ...{ name, runs, resume, split, cases: readCases(INDEX) },
      options: { preset: 'seed', seed: 1, epochs, reduce: 4 },
      beside: [
        {
          ...{ id: 'chu-04', set: 'chu', modality: 'MR', role: 'held-out', verdict: 'right' },
          ...{ errorMm: -1.5, probability: 0.9 },
        },
      ],
    });

  it('trains on the cases for training and is asked about the others', async () => {
    const answers = await train('two', 2);
    expect(answers).toHaveLength(1);
    expect(answers[0]).toMatchObject({ id: 'chu-04', besideMm: 1.5 });
    expect(answers[0]!.errorMm).toBeCloseTo(2 * answers[0]!.errorPixels, 6);
    const log = readFileSync(join(runs, 'two', 'log.csv'), 'utf8')
      .split('\n')
      .slice(1, -1);
    const losses = log.map((line) => Number(line.split(',')[1]));
    expect(losses).toHaveLength(2);
    expect(losses[1]).toBeLessThan(losses[0]!);
    expect(readFileSync(join(runs, 'two', 'report.md'), 'utf8')).toContain('| chu-04 | chu |');
  });

  it('leaves what the trainer and the exporter do not take for theirs', async () => {
    expect(() => readCheckpoint(join(runs, 'two', 'checkpoint.bin'))).toThrow(
      /another kind of run/,
    );
    await expect(train('two', 2)).rejects.toThrow(/There is a run "two" already/);
  });
});
