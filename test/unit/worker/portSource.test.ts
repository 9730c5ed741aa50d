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
  test('asks for a few ahead, then for one as each is used', async () => {
    const granted: number[] = [];
    const source = new PortSource((slices) => granted.push(slices));
    expect(granted).toEqual([]);
    const first = source.readSlice(0);
    expect(granted).toHaveLength(1);
    expect(granted[0]).toBeGreaterThan(1);
    source.push(slice(0));
    source.push(slice(1));
    expect(await first).toEqual({ pixels: Int16Array.of(0), slope: 2, intercept: -1 });
    expect((await source.readSlice(1)).pixels).toEqual(Int16Array.of(1));
    expect(granted.slice(1)).toEqual([1]);
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
