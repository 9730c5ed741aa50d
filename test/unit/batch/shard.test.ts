import { BatchError } from '../../../src/batch/batchError';
import { fallsTo, readShard } from '../../../src/batch/shard';

describe('--shard', () => {
  it.each([
    ['1/1', { number: 1, count: 1 }],
    ['3/8', { number: 3, count: 8 }],
    ['100000/100000', { number: 100_000, count: 100_000 }],
  ])('%s', (text, shard) => expect(readShard(text, {})).toEqual(shard));

  it.each(['0/3', '4/3', '1', '1/0', 'a/b', '1/3/5', '-1/3', '1.5/3', '1/100001', ''])(
    '%s is none',
    (text) => {
      expect(() => readShard(text, {})).toThrow(/give K\/N with K from 1 to N/);
    },
  );

  it.each([
    [
      { ID: '1', MIN: '1', MAX: '8', COUNT: '8' },
      { number: 1, count: 8 },
    ],
    [
      { ID: '0', MIN: '0', MAX: '3', COUNT: '4' },
      { number: 1, count: 4 },
    ],
    [
      { ID: '15', MIN: '5', MAX: '25', COUNT: '3', STEP: '10' },
      { number: 2, count: 3 },
    ],
  ])('auto in a Slurm array %j', (values, shard) => {
    const env = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [`SLURM_ARRAY_TASK_${name}`, value]),
    );
    expect(readShard('auto', env)).toEqual(shard);
  });

  it('auto in an array with gaps says what to do', () => {
    const env = {
      SLURM_ARRAY_TASK_ID: '7',
      SLURM_ARRAY_TASK_MIN: '1',
      SLURM_ARRAY_TASK_COUNT: '3',
    };
    expect(() => readShard('auto', env)).toThrow(/none of an unbroken range.*--array=1-N/);
  });

  it('auto in an indexed job of Kubernetes', () => {
    expect(readShard('auto', { JOB_COMPLETION_INDEX: '0', JOB_COMPLETION_COUNT: '4' })).toEqual({
      number: 1,
      count: 4,
    });
    expect(() => readShard('auto', { JOB_COMPLETION_INDEX: '2' })).toThrow(
      /set JOB_COMPLETION_COUNT/,
    );
  });

  it('auto elsewhere is refused, as wrong usage', () => {
    expect(() => readShard('auto', {})).toThrow(BatchError);
    expect(() => readShard('auto', {})).toThrow(/no array job of Slurm/);
  });

  it('gives every name to one shard, about as many to each', () => {
    const names = Array.from({ length: 4000 }, (_, n) => `patient ${n}/*`);
    const counts = [1, 2, 3, 4].map(
      (number) => names.filter((name) => fallsTo({ number, count: 4 }, name)).length,
    );
    expect(counts.reduce((sum, n) => sum + n)).toBe(names.length);
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });
});
