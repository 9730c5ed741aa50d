import { describe, expect, test } from '@jest/globals';
import { PortSource } from '../../../src/worker/portSource';

const slice = (index: number) => ({
  type: 'slice' as const,
  search: 0,
  index,
  pixels: Int16Array.of(index),
  slope: 2,
  intercept: -1,
});

describe('slices that come through a port', () => {
  test('asks for some ahead, and for more before those are used up, a few at a time', async () => {
    const granted: number[] = [];
    const source = new PortSource((slices) => granted.push(slices));
    const total = () => granted.reduce((sum, slices) => sum + slices, 0);
    expect(granted).toEqual([]);
    const first = source.readSlice(0);
    const [ahead] = granted;
    expect(granted).toEqual([ahead]);
    source.push(slice(0));
    expect(await first).toEqual({ pixels: Int16Array.of(0), slope: 2, intercept: -1 });
    for (let used = 1; used < 100; used++) {
      source.push(slice(used));
      expect((await source.readSlice(used)).pixels).toEqual(Int16Array.of(used));
      // What is under way is never more than at first, and never nothing.
      expect(total() - used).toBeLessThanOrEqual(ahead);
      expect(total() - used).toBeGreaterThan(1);
    }
    expect(granted.length).toBeLessThan(50);
  });

  test('another slice than the one that is due is no voxels of it', async () => {
    const source = new PortSource(() => undefined);
    source.push(slice(1));
    await expect(source.readSlice(0)).rejects.toThrow('Slice 1 came where 0 was due');
  });

  test('stops waiting when aborted, with the signal’s reason', async () => {
    const source = new PortSource(() => undefined);
    const controller = new AbortController();
    const reading = source.readSlice(0, controller.signal);
    controller.abort(new Error('cancelled'));
    await expect(reading).rejects.toThrow('cancelled');
    await expect(source.readSlice(1, controller.signal)).rejects.toThrow('cancelled');
  });
});
