import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import * as realOrt from 'onnxruntime-web';
import { openLevelModel } from '../../../src/model/openLevelModel';
import type { Ort, OrtSession, OrtTensor, RuntimeHost } from '../../../src/model/runtimeHost';
import { tinyProjection } from './tinyManifest';
import { TINY, tinyAnswer, tinyPackage } from './tinyPackage';

const node: RuntimeHost = { ort: realOrt, threads: 1 };

/** What goes wrong with the n-th session made on WebGPU, and from which run on (0: at making it). */
interface Fault {
  readonly fromRun: number;
  readonly spoil: (tensor: OrtTensor) => OrtTensor | Promise<never>;
}

/** A browser whose WebGPU is Node's wasm with faults: one entry a session, the last one stays. */
function browser(
  faults: readonly (Fault | 'no session' | null)[],
  extra?: Partial<RuntimeHost>,
  wasmFaults: readonly (Fault | null)[] = [],
) {
  const log: string[] = [];
  let [made, madeOfWasm] = [0, 0];
  const ort: Ort = {
    Tensor: realOrt.Tensor as unknown as Ort['Tensor'],
    InferenceSession: {
      async create(bytes, options) {
        const [runtime] = options.executionProviders;
        log.push(`create ${runtime}`);
        const fault =
          runtime === 'wasm'
            ? (wasmFaults[madeOfWasm++] ?? null)
            : faults[Math.min(made++, faults.length - 1)];
        if (fault === 'no session') throw new Error('no kernel for Conv');
        const session: OrtSession = await realOrt.InferenceSession.create(bytes, {
          executionProviders: ['wasm'],
        });
        let runs = 0;
        return {
          inputNames: session.inputNames,
          outputNames: session.outputNames,
          async run(feeds) {
            const answer = await session.run(feeds);
            const spoilt = fault && ++runs >= fault.fromRun;
            return spoilt ? { evidence: await fault.spoil(answer.evidence) } : answer;
          },
          async release() {
            log.push(`release ${runtime}`);
            await session.release();
          },
        };
      },
    },
  };
  const host: RuntimeHost = { ort, threads: 1, webgpuObstacle: async () => null, ...extra };
  return { host, log };
}

const filled = (value: number) => (tensor: OrtTensor) => ({
  ...tensor,
  type: tensor.type,
  dims: tensor.dims,
  data: new Float32Array(tensor.dims.reduce((a, b) => a * b)).fill(value),
});
const zeros = filled(0);
const nan = (tensor: OrtTensor): OrtTensor => {
  const data = Float32Array.from(tensor.data as Float32Array);
  data[data.length - 1] = NaN;
  return { type: tensor.type, dims: tensor.dims, data };
};
const slightlyWrong = (tensor: OrtTensor): OrtTensor => ({
  type: tensor.type,
  dims: tensor.dims,
  data: (tensor.data as Float32Array).map((v) => v * 0.98),
});

describe('openLevelModel on the real runtime', () => {
  test('gives the evidence that the network’s arithmetic gives', async () => {
    const model = await openLevelModel(tinyPackage(), node);
    const projection = tinyProjection(24, 16);
    const evidence = await model.run(projection);
    expect(evidence).toMatchObject({ levels: ['L3', 'L4'], height: 12, width: 8, stride: 2 });
    const expected = tinyAnswer(TINY, projection.data, 24, 16).flatMap((map) => [...map]);
    expect(evidence.maps).toHaveLength(expected.length);
    expected.forEach((value, i) => expect(evidence.maps[i]).toBeCloseTo(value, 5));
    expect(model.runtime).toEqual({ runtime: 'wasm', fallbackReason: null, threads: 1 });
    await model.dispose();
  });

  test('pads odd sizes with zeros at the bottom and on the right and cuts the answer back', async () => {
    const model = await openLevelModel(tinyPackage(), node);
    const [height, width] = [21, 13];
    const projection = tinyProjection(height, width);
    const padded = new Float32Array(2 * 24 * 16);
    for (let c = 0; c < 2; c++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          padded[(c * 24 + y) * 16 + x] = projection.data[(c * height + y) * width + x];
    const maps = tinyAnswer(TINY, padded, 24, 16);
    const evidence = await model.run(projection);
    expect([evidence.height, evidence.width]).toEqual([11, 7]);
    for (let map = 0; map < 3; map++)
      for (let y = 0; y < 11; y++)
        for (let x = 0; x < 7; x++)
          expect(evidence.maps[(map * 11 + y) * 7 + x]).toBeCloseTo(maps[map][y * 8 + x], 5);
    await model.dispose();
  });

  test('answers calls made at the same time one after the other', async () => {
    const model = await openLevelModel(tinyPackage(), node);
    const sizes: [number, number][] = [
      [8, 8],
      [16, 8],
      [24, 8],
    ];
    const answers = await Promise.all(sizes.map(([h, w]) => model.run(tinyProjection(h, w))));
    expect(answers.map((evidence) => evidence.height)).toEqual([4, 8, 12]);
    await model.dispose();
  });

  test('names file, expected and found when the bytes are not the manifest’s', async () => {
    const files = tinyPackage();
    const modelBytes = files.modelBytes.slice();
    modelBytes[modelBytes.length - 3] ^= 1;
    const found = createHash('sha256').update(modelBytes).digest('hex');
    await expect(openLevelModel({ ...files, modelBytes }, node)).rejects.toMatchObject({
      name: 'ModelError',
      code: 'checksum',
      message: expect.stringMatching(
        new RegExp(`^model\\.onnx has the SHA-256 ${found}, .* expects ${files.manifest.sha256};`),
      ),
    });
    await expect(
      openLevelModel({ ...files, modelBytes: modelBytes.subarray(9) }, node),
    ).rejects.toMatchObject({ code: 'checksum', message: expect.stringMatching(/cut off/) });
  });

  test('refuses a model that does not give its known answer', async () => {
    const good = tinyPackage();
    const other = tinyPackage({ ...TINY, bias: [-2, 2, -2.9] });
    const manifest = { ...other.manifest, knownAnswer: good.manifest.knownAnswer };
    await expect(openLevelModel({ ...other, manifest }, node)).rejects.toMatchObject({
      code: 'known-answer',
      message: expect.stringMatching(
        /tiny 1\.0\.0 .* does not give its known answer on wasm: map 2/,
      ),
    });
  });

  test('refuses a network without sigmoid, with NaN, or of another shape', async () => {
    const nanBias = tinyPackage({ ...TINY, bias: [-2, NaN, -3] });
    await expect(openLevelModel(nanBias, node)).rejects.toMatchObject({
      code: 'output',
      message: expect.stringMatching(/NaN/),
    });
    const flat = tinyPackage({ weights: [[0], [0], [0]].map(() => [0, 0]), bias: [1, 1, 1] });
    await expect(openLevelModel(flat, node)).rejects.toMatchObject({
      code: 'output',
      message: expect.stringMatching(/everywhere/),
    });
    const twoMaps = tinyPackage({ weights: TINY.weights.slice(0, 2), bias: [-2, 2] });
    await expect(openLevelModel(twoMaps, node)).rejects.toMatchObject({
      code: 'output',
      message: expect.stringMatching(/\[1, 2, 80, 56\].*\[1, 3, 80, 56\]/),
    });
  });

  test('says so when the file is no ONNX model', async () => {
    const modelBytes = new TextEncoder().encode('<!doctype html>');
    const manifest = {
      ...tinyPackage().manifest,
      bytes: modelBytes.length,
      sha256: createHash('sha256').update(modelBytes).digest('hex'),
    };
    await expect(openLevelModel({ manifest, modelBytes }, node)).rejects.toMatchObject({
      code: 'runtime',
      message: expect.stringMatching(/tiny 1\.0\.0 cannot run here: the session could not be made/),
    });
  });

  test('refuses a projection made with other channels, another grid, or with NaN in it', async () => {
    const model = await openLevelModel(tinyPackage(), node);
    const good = tinyProjection(8, 8);
    const run = (changes: Partial<typeof good>) => model.run({ ...good, ...changes });
    await expect(run({ channels: ['mean', 'max'] })).rejects.toThrow(/channels mean, max, not max/);
    await expect(run({ mmPerPixel: 1 })).rejects.toThrow(/1 mm a pixel, not 2/);
    await expect(run({ height: 9 })).rejects.toMatchObject({ code: 'input' });
    await expect(run({ data: good.data.map((v, i) => (i === 5 ? NaN : v)) })).rejects.toThrow(
      /NaN/,
    );
    await expect(run({})).resolves.toMatchObject({ height: 4 });
    await model.dispose();
    await expect(run({})).rejects.toThrow(/disposed/);
  });

  test('rejects with the signal’s reason at once', async () => {
    const model = await openLevelModel(tinyPackage(), node);
    const controller = new AbortController();
    const running = model.run(tinyProjection(64, 64), controller.signal);
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
    await expect(model.run(tinyProjection(8, 8))).resolves.toMatchObject({ height: 4 });
    await model.dispose();
    await expect(
      openLevelModel(tinyPackage(), node, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('openLevelModel with a GPU that misbehaves', () => {
  const projection = tinyProjection(16, 16);
  const truth = tinyAnswer(TINY, projection.data, 16, 16);

  test('runs on WebGPU where it gives the known answer', async () => {
    const { host, log } = browser([null]);
    const model = await openLevelModel(tinyPackage(), host);
    expect((await model.run(projection)).maps[3]).toBeCloseTo(truth[0][3], 5);
    expect(model.runtime).toEqual({ runtime: 'webgpu', fallbackReason: null, threads: 1 });
    await model.dispose();
    expect(log).toEqual(['create webgpu', 'release webgpu']);
  });

  test('says why it is on wasm where there is no WebGPU', async () => {
    const { host, log } = browser([null], {
      webgpuObstacle: async () => ({ code: 'insecure', message: 'WebGPU needs HTTPS' }),
    });
    const model = await openLevelModel(tinyPackage(), host);
    expect(model.runtime).toMatchObject({
      runtime: 'wasm',
      fallbackReason: 'WebGPU needs HTTPS',
      fallbackCode: 'insecure',
    });
    expect(log).toEqual(['create wasm']);
  });

  test.each([
    ['zeros', zeros, /output is 0 everywhere/],
    ['NaN', nan, /output holds NaN/],
    ['wrong numbers', slightlyWrong, /known answer on webgpu: map 0 is/],
  ])('makes the session anew once when it gives %s, then takes wasm', async (_, spoil, why) => {
    const { host, log } = browser([{ fromRun: 1, spoil }]);
    const model = await openLevelModel(tinyPackage(), host);
    expect(log).toEqual([
      'create webgpu',
      'release webgpu',
      'create webgpu',
      'release webgpu',
      'create wasm',
    ]);
    expect(model.runtime.runtime).toBe('wasm');
    expect(model.runtime.fallbackReason).toMatch(/^WebGPU failed: /);
    expect(model.runtime.fallbackReason).toMatch(why);
    expect((await model.run(projection)).maps[3]).toBeCloseTo(truth[0][3], 5);
  });

  test('stays on WebGPU when the second session is good', async () => {
    const { host } = browser([{ fromRun: 1, spoil: zeros }, null]);
    const model = await openLevelModel(tinyPackage(), host);
    expect(model.runtime).toMatchObject({ runtime: 'webgpu', fallbackReason: null });
  });

  test('recovers in the middle of a session, and the caller gets the right answer', async () => {
    const { host, log } = browser([
      { fromRun: 3, spoil: zeros },
      { fromRun: 2, spoil: nan },
    ]);
    const model = await openLevelModel(tinyPackage(), host);
    await model.run(projection);
    expect(model.runtime.runtime).toBe('webgpu');
    expect((await model.run(projection)).maps[3]).toBeCloseTo(truth[0][3], 5);
    expect(model.runtime).toMatchObject({
      runtime: 'wasm',
      fallbackReason: 'WebGPU failed: the model’s output is 0 everywhere',
      fallbackCode: 'failed',
    });
    expect(log.filter((line) => line.startsWith('create'))).toEqual([
      'create webgpu',
      'create webgpu',
      'create wasm',
    ]);
  });

  test('takes wasm when no WebGPU session can be made', async () => {
    const { host } = browser(['no session']);
    const model = await openLevelModel(tinyPackage(), host);
    expect(model.runtime.fallbackReason).toMatch(/could not be made \(no kernel for Conv\)/);
  });

  test('does not wait for ever on a lost device', async () => {
    let lose: (why: string) => void = () => undefined;
    const lost = new Promise<string>((resolve) => (lose = resolve));
    const spoil = () => {
      lose('driver reset');
      return new Promise<never>(() => undefined);
    };
    const { host } = browser([{ fromRun: 3, spoil }, null], { deviceLost: () => lost });
    const model = await openLevelModel(tinyPackage(), host);
    await model.run(projection);
    expect((await model.run(projection)).maps[3]).toBeCloseTo(truth[0][3], 5);
    expect(model.runtime).toMatchObject({
      runtime: 'wasm',
      fallbackReason: 'WebGPU failed: the GPU device was lost (driver reset)',
      fallbackCode: 'failed',
    });
  });
});

test('a run that fails on wasm fails alone: the next one gets a session that has proved itself', async () => {
  const trap = () => Promise.reject(new Error('memory access out of bounds'));
  const obstacle = { code: 'no-webgpu', message: 'no WebGPU' } as const;
  const noGpu = { webgpuObstacle: async () => obstacle };
  const { host, log } = browser([], noGpu, [{ fromRun: 2, spoil: trap }]);
  const model = await openLevelModel(tinyPackage(), host);
  const projection = tinyProjection(16, 16);
  await expect(model.run(projection)).rejects.toMatchObject({ code: 'runtime' });
  const truth = tinyAnswer(TINY, projection.data, 16, 16);
  expect((await model.run(projection)).maps[3]).toBeCloseTo(truth[0][3], 5);
  expect(log).toEqual(['create wasm', 'release wasm', 'create wasm']);
  expect(model.runtime.fallbackReason).toBe('no WebGPU');
});
