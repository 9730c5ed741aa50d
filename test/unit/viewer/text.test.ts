import { ModelError } from '../../../src/model/modelError';
import {
  confidence,
  millimetres,
  runtimeDetail,
  runtimeText,
  stageText,
} from '../../../src/panel/text';
import { percent } from '../../../src/reasons/percent';
import { explain, Problem } from '../../../src/viewer/host/problem';

test('probabilities never round to certainty', () => {
  expect([0, 0.002, 0.04, 0.5, 0.946, 0.996, 1].map(percent)).toEqual([
    '0 %',
    '< 1 %',
    '4 %',
    '50 %',
    '95 %',
    '> 99 %',
    '100 %',
  ]);
});

test('words get weaker with the probability', () => {
  const words = [0.95, 0.8, 0.5].map(confidence);
  expect(new Set(words).size).toBe(3);
  expect(words[2]).toMatch(/Low/);
});

test('millimetres carry a true minus sign', () => {
  expect(millimetres(-214.24)).toBe('−214.2 mm');
  expect(millimetres(3)).toBe('3.0 mm');
});

test('what ran is said with the reason where it is not the graphics card', () => {
  expect(runtimeText({ runtime: 'webgpu', fallbackReason: null, threads: 1 })).toMatch(/WebGPU/);
  const wasm = runtimeText({
    runtime: 'wasm',
    fallbackReason: 'whatever it says in English',
    fallbackCode: 'insecure',
    threads: 4,
  });
  expect(wasm).toContain('4 threads');
  expect(wasm).toContain('WebGPU needs HTTPS');
  const failed = {
    runtime: 'wasm',
    fallbackReason: 'no kernel',
    fallbackCode: 'failed',
    threads: 4,
  } as const;
  expect(runtimeText(failed)).toContain('WebGPU failed');
  expect(runtimeDetail(failed)).toBe('no kernel');
});

test('a stage without a known length shows no numbers', () => {
  expect(stageText({ stage: 'reading', done: 3, of: 0 })).toBe('Reading slices');
  expect(stageText({ stage: 'reading', done: 3, of: 9 })).toBe('Reading slices 3/9');
  expect(stageText(null)).toBe('Starting');
});

describe('failures', () => {
  test('a problem brings its own advice', () => {
    expect(explain(new Problem('No model.', 'Install one.'))).toEqual({
      message: 'No model.',
      advice: 'Install one.',
    });
  });

  test('a model error is said by its kind, with advice, and keeps its own words beside it', () => {
    const checksum = explain(new ModelError('checksum', 'model.onnx is not the one.'));
    expect(checksum.message).toMatch(/not the one that its manifest names/);
    expect(checksum.detail).toBe('model.onnx is not the one.');
    expect(checksum.advice).toMatch(/copy the model package again/);
    expect(explain(new ModelError('download', 'x')).advice).toMatch(/connection/);
  });

  test('anything else is shown with its own words and general advice', () => {
    expect(explain('odd')).toMatchObject({
      message: expect.stringMatching(/did not expect/),
      detail: 'odd',
      advice: expect.stringMatching(/Try again/),
    });
  });
});
