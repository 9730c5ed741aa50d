import { SlicesAhead } from '../../../src/io/slicesAhead';
import type { VoxelSource } from '../../../src/series/types';

const COUNT = 20;

/** Slices that hold their own index and come when they are let; which were begun, and which given up. */
function source(fails: readonly number[] = []) {
  const begun: number[] = [];
  const givenUp: number[] = [];
  let open = 0;
  let most = 0;
  const slices: VoxelSource = {
    async readSlice(index, signal) {
      begun.push(index);
      most = Math.max(most, ++open);
      signal?.addEventListener('abort', () => givenUp.push(index));
      // The later ones are the faster ones.
      for (let wait = COUNT - index; wait > 0; wait--) await Promise.resolve();
      open--;
      if (fails.includes(index)) throw new Error(`slice ${index} is damaged`);
      signal?.throwIfAborted();
      return { pixels: Int16Array.of(index), slope: 1, intercept: 0 };
    },
  };
  return { slices, begun, givenUp, most: () => most };
}

test('slices come in order, each read once, and no more ahead than said', async () => {
  const { slices, begun, most } = source();
  const ahead = new SlicesAhead(slices, COUNT, 3);
  for (let index = 0; index < COUNT; index++) {
    expect((await ahead.readSlice(index)).pixels[0]).toBe(index);
    expect(Math.max(...begun)).toBe(Math.min(index + 3, COUNT - 1));
  }
  expect(begun).toEqual(Array.from({ length: COUNT }, (_, index) => index));
  expect(most()).toBe(4);
});

test('slices in any order, or several at a time, are the slices that were asked for', async () => {
  const ahead = new SlicesAhead(source().slices, COUNT, 3);
  const asked = [7, 3, 19, 0, 0, 4];
  const got = await Promise.all(asked.map((index) => ahead.readSlice(index)));
  expect(got.map(({ pixels }) => pixels[0])).toEqual(asked);
  expect((await ahead.readSlice(7)).pixels[0]).toBe(7);
});

test('a slice that cannot be read fails when it is asked for, and ends what was begun', async () => {
  const { slices, givenUp } = source([5]);
  const ahead = new SlicesAhead(slices, COUNT, 3);
  for (let index = 0; index < 5; index++) await ahead.readSlice(index);
  await expect(ahead.readSlice(5)).rejects.toThrow('slice 5 is damaged');
  expect(givenUp).toEqual([6, 7, 8]);
});

test('who gives up ends what was begun', async () => {
  const { slices, givenUp } = source();
  const ahead = new SlicesAhead(slices, COUNT, 2);
  const stop = new AbortController();
  const first = ahead.readSlice(0, stop.signal);
  stop.abort(new Error('enough'));
  await expect(first).rejects.toThrow('enough');
  expect(givenUp).toEqual([0, 1, 2]);
});
