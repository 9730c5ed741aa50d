import { describe, expect, test } from '@jest/globals';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import shipped from '../../../models/l3-unet3plus/manifest.json';
import { knownProjection, knownSeries } from '../../../src/model/knownSeries';
import { parseManifest, type ModelManifest } from '../../../src/model/manifest';
import { openModelPackage, readModelPackage } from '../../../src/model/node';
import { openLevelModel } from '../../../src/model/openLevelModel';
import * as ort from 'onnxruntime-web';

describe('the known series', () => {
  test('is frozen: packages in the field depend on every bit of it', () => {
    const { slices } = knownSeries(3);
    const bytes = slices.map(({ buffer }) => bytesToHex(sha256(new Uint8Array(buffer)))).join();
    expect(bytesToHex(sha256(new TextEncoder().encode(bytes)))).toBe(
      '1097edc32c39c87bd35a65a1f18d99accc488b6f4374e78ec03ee377fe18b7a7',
    );
  });

  test('has other noise for another seed, air around it, and bone in it', () => {
    const middle = ({ slices }: ReturnType<typeof knownSeries>) => slices[35];
    const [slice, other] = [middle(knownSeries(1)), middle(knownSeries(2))];
    expect(slice).not.toEqual(other);
    expect(slice[0]).toBe(-1000);
    expect(Math.max(...slice)).toBeGreaterThan(400);
  });

  test('is projected by the model’s own window and channels', () => {
    const input = parseManifest(shipped).input;
    const narrow = {
      ...input,
      windows: { ...input.windows, CT: { kind: 'hu', low: 0, high: 100 } },
    };
    const [usual, other] = [input, narrow as typeof input].map((each) => knownProjection(each, 3));
    expect(usual.channels).toEqual(input.channels);
    expect(other.data).not.toEqual(usual.data);
  });
});

describe('the known answer of the shipped model', () => {
  const opened = async (change: (manifest: ModelManifest) => ModelManifest) => {
    const files = await readModelPackage('models/l3-unet3plus');
    const manifest = change(files.manifest);
    const model = await openLevelModel({ ...files, manifest }, { ort, threads: 1 });
    await model.dispose();
  };

  test('is L3, and it is given', async () => {
    expect(shipped.knownAnswer.level.probability).toBeGreaterThan(0.9);
    expect(Math.abs(shipped.knownAnswer.level.zMm)).toBeLessThan(2);
    const model = await openModelPackage('models/l3-unet3plus');
    await model.dispose();
  });

  test.each<[string, (manifest: ModelManifest) => ModelManifest, RegExp]>([
    [
      'another window',
      ({ input, ...rest }) => ({
        ...rest,
        input: { ...input, windows: { ...input.windows, CT: { kind: 'hu', low: 0, high: 300 } } },
      }),
      /map \d+ is/,
    ],
    [
      'channels in another order',
      ({ input, ...rest }) => ({
        ...rest,
        input: { ...input, channels: [...input.channels].reverse() },
      }),
      /map \d+ is/,
    ],
    [
      'a decoder with other settings',
      ({ decision, ...rest }) => ({ ...rest, decision: { ...decision, temperature: 4 } }),
      /L3 is decoded at .* expected at/,
    ],
  ])('is not given with %s', async (_, change, message) => {
    await expect(opened(change)).rejects.toThrow(message);
  });
});
