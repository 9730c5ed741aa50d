import type { TrainingItem } from '../../../training/items/item';
import { SyntheticStream } from '../../../training/batches/syntheticStream';

const itemOf = (index: number) => ({ id: String(index) }) as TrainingItem;
const numbers = (items: readonly TrainingItem[]) => items.map(({ id }) => Number(id));
const from = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i);

function streamOf(options: { pool: number; fresh: number }, make = async (i: number) => itemOf(i)) {
  const asked: number[] = [];
  let closed = 0;
  const stream = new SyntheticStream(
    { ...options, seed: 1, variants: 0.5, curves: 'none' },
    {
      run: (index) => {
        asked.push(index);
        return make(index);
      },
      close: () => Promise.resolve(void closed++),
    },
  );
  return { stream, asked, closed: () => closed };
}

describe('a stream of synthetic spines', () => {
  it('starts with a pool, and replaces the oldest as steps go by', async () => {
    const { stream } = streamOf({ pool: 10, fresh: 2 });
    expect(numbers(await stream.at(0))).toEqual(from(0, 10));
    expect(numbers(await stream.at(1))).toEqual(from(2, 10));
    expect(numbers(await stream.at(4))).toEqual(from(8, 10));
  });

  it('starts with a part of a large pool, which then grows to its size', async () => {
    const { stream } = streamOf({ pool: 200, fresh: 4 });
    const first = (await stream.at(0)).length;
    expect(first).toBeLessThan(200);
    expect(await stream.at(1)).toHaveLength(first + 4);
    expect(numbers(await stream.at(100))).toEqual(from(first + 400 - 200, 200));
  });

  it('replaces one every other step where half a spine a step is wanted', async () => {
    const { stream } = streamOf({ pool: 5, fresh: 0.5 });
    const first = [];
    for (const step of [0, 1, 2, 3, 4]) first.push(Number((await stream.at(step))[0]!.id));
    expect(first).toEqual([0, 0, 1, 1, 2]);
  });

  it('gives a run that goes on the same pool, and makes each spine once', async () => {
    const whole = streamOf({ pool: 20, fresh: 3 });
    for (let step = 0; step < 40; step++) await whole.stream.at(step);
    const goneOn = streamOf({ pool: 20, fresh: 3 });
    expect(numbers(await goneOn.stream.at(40))).toEqual(numbers(await whole.stream.at(40)));
    expect(new Set(whole.asked).size).toBe(whole.asked.length);
    expect(Math.min(...goneOn.asked)).toBe(120);
  });

  it('asks for spines before they are needed', async () => {
    const { stream, asked } = streamOf({ pool: 10, fresh: 2 });
    await stream.at(0);
    expect(Math.max(...asked)).toBeGreaterThan(9 + 2 * 5);
  });

  it('waits for a spine that is late', async () => {
    let deliver: () => void = () => {};
    const late = new Promise<TrainingItem>((resolve) => (deliver = () => resolve(itemOf(12))));
    const { stream } = streamOf({ pool: 10, fresh: 3 }, (i) =>
      i === 12 ? late : Promise.resolve(itemOf(i)),
    );
    await stream.at(0);
    let there = false;
    const pool = stream.at(1).then((items) => {
      there = true;
      return items;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(there).toBe(false);
    deliver();
    expect(numbers(await pool)).toEqual(from(3, 10));
  });

  it('fails where a spine cannot be made, and closes what makes them', async () => {
    const { stream, closed } = streamOf({ pool: 4, fresh: 1 }, (i) =>
      i === 3 ? Promise.reject(new Error('no spine 3')) : Promise.resolve(itemOf(i)),
    );
    await expect(stream.at(0)).rejects.toThrow('no spine 3');
    await stream.close();
    expect(closed()).toBe(1);
  });
});
