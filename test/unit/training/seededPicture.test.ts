import { describe, expect, test } from '@jest/globals';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { seededPicture } from '../../../training/export/seededPicture';

describe('seededPicture', () => {
  test('is the same in every engine, to the last bit', () => {
    const bytes = new Uint8Array(seededPicture(3, 3, 64, 32).buffer);
    expect(bytesToHex(sha256(bytes))).toBe(
      'fb55a0ad2fbec3e2e8b524f268dcd1bd047a8a0011fe89688f2ca1f5a74efcd4',
    );
  });

  test('fills every plane with varied values in 0..1, other planes for other seeds', () => {
    const size = 320 * 128;
    const data = seededPicture(1, 3, 320, 128);
    expect(data).toHaveLength(3 * size);
    for (let channel = 0; channel < 3; channel++) {
      const plane = data.subarray(channel * size, (channel + 1) * size);
      expect(Math.min(...plane)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...plane)).toBeLessThanOrEqual(1);
      const mean = plane.reduce((a, b) => a + b) / size;
      const variance = plane.reduce((a, b) => a + (b - mean) ** 2, 0) / size;
      expect(Math.sqrt(variance)).toBeGreaterThan(0.08);
    }
    expect(data.subarray(0, size)).not.toEqual(data.subarray(size, 2 * size));
    expect(seededPicture(2, 3, 320, 128)).not.toEqual(data);
  });

  test('is smooth enough to resemble a picture, not white noise', () => {
    const width = 128;
    const plane = seededPicture(5, 1, 320, width);
    const mean = plane.reduce((a, b) => a + b) / plane.length;
    let variance = 0;
    let covariance = 0;
    for (let i = width; i < plane.length; i++) {
      variance += (plane[i] - mean) ** 2;
      covariance += (plane[i] - mean) * (plane[i - width] - mean);
    }
    expect(covariance / variance).toBeGreaterThan(0.8);
  });

  test.each([
    [0, 8, 8],
    [1, 2.5, 8],
    [1, 8, -1],
  ])('refuses the size %p x %p x %p', (channels, height, width) => {
    expect(() => seededPicture(1, channels, height, width)).toThrow(RangeError);
  });
});
