import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Progress } from '../../../src/projection/types';
import { readable } from '../../../src/worker/readable';

const reading = (done: number): Progress => ({ stage: 'reading', done, of: 1000 });

describe('progress that people can read', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test('passes on a stage’s beginning and end, and between them as often as can be read', () => {
    const told: Progress[] = [];
    const report = readable((progress) => told.push(progress));
    for (let done = 0; done <= 1000; done++) {
      report(reading(done));
      jest.advanceTimersByTime(1);
    }
    report({ stage: 'projecting', done: 0, of: 0 });
    expect(told[0]).toEqual(reading(0));
    expect(told.at(-2)).toEqual(reading(1000));
    expect(told.at(-1)).toEqual({ stage: 'projecting', done: 0, of: 0 });
    expect(told.length).toBeGreaterThan(5);
    expect(told.length).toBeLessThan(20);
  });
});
