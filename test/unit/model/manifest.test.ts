import { describe, expect, test } from '@jest/globals';
import { parseManifest } from '../../../src/model/manifest';
import { ModelError } from '../../../src/model/modelError';
import { tinyPackage } from './tinyPackage';

type Json = Record<string, unknown>;

/** A good manifest with the value at `path` replaced (removed when undefined). */
function changed(path: string, value: unknown): Json {
  const json = JSON.parse(JSON.stringify(tinyPackage().manifest)) as Json;
  const keys = path.split('.');
  const last = keys.pop() as string;
  const parent = keys.reduce<Json>((object, key) => object[key] as Json, json);
  parent[last] = value;
  return JSON.parse(JSON.stringify(json)) as Json;
}

describe('parseManifest', () => {
  test('accepts a good manifest and keeps every field', () => {
    const { manifest } = tinyPackage();
    expect(parseManifest(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
  });

  test('keeps a temperature that it is given', () => {
    const { decision } = parseManifest(changed('decision.temperature', 1.5));
    expect(decision).toEqual({ ...tinyPackage().manifest.decision, temperature: 1.5 });
  });

  test('ignores fields it does not know, so that packages can carry notes', () => {
    expect(parseManifest(changed('note', 'x'))).toEqual(tinyPackage().manifest);
  });

  test.each<[string, unknown, RegExp]>([
    ['format', 'find-l3-model/3', /format must be "find-l3-model\/2"; it is "find-l3-model\/3"/],
    [
      'format',
      'find-l3-model/1',
      /former format find-l3-model\/1; export it anew with "npm run tr/,
    ],
    ['spdx', 'ask me', /spdx must be an SPDX licence expression/],
    ['decision.ribPower', 99, /decision\.ribPower must be a number above 0 and at most 5/],
    ['input.mmPerPixel', 1e9, /input\.mmPerPixel must be a number above 0 and at most 20/],
    ['name', '', /name must be a text; it is ""/],
    ['sha256', 'ABC', /sha256 must be 64 lower-case hexadecimal digits; it is "ABC"/],
    ['file', '../model.onnx', /file must be a plain file name/],
    ['bytes', 0, /bytes must be an integer from 1; it is 0/],
    ['input', 3, /input must be an object; it is 3/],
    ['input.channels', ['max', 'min'], /input\.channels\[1\] must be one of max, mean, mix, later/],
    ['input.channels', [], /input\.channels must be a list of at least 1; it is \[\]/],
    ['input.mmPerPixel', '2', /input\.mmPerPixel must be a number above 0; it is "2"/],
    ['input.multipleOf', 3, /input\.multipleOf must be a multiple of output\.stride \(2\)/],
    ['input.windows.CT', undefined, /input\.windows\.CT must be an object; it is missing/],
    ['input.windows.CT.kind', 'wl', /input\.windows\.CT\.kind must be "hu" or "percentile"/],
    ['input.windows.CT.high', -300, /input\.windows\.CT\.high must be greater than low \(-200\)/],
    ['input.windows.MR.high', 101, /input\.windows\.MR\.high must be a number from 0 to 100/],
    ['output.levels', ['L3', 'L6'], /output\.levels\[1\] must be one of T9/],
    ['output.levels', ['L4', 'L3'], /output\.levels must name each level once, head to foot/],
    ['output.levels', ['L3', 'L3'], /output\.levels must name each level once/],
    ['output.stride', 0, /output\.stride must be an integer from 1/],
    ['decision.minInView', 1.5, /decision\.minInView must be a number from 0 to 1; it is 1\.5/],
    [
      'decision.minAnchor',
      undefined,
      /decision\.minAnchor must be a number from 0 to 1; it is mis/,
    ],
    ['decision.temperature', 0, /decision\.temperature must be a number above 0; it is 0/],
    ['knownAnswer.peaks', [], /knownAnswer\.peaks must hold one peak a map \(3\)/],
    [
      'knownAnswer.peaks.2.row',
      5000,
      /knownAnswer\.peaks\[2\]\.row must be an integer from 0 to 4096/,
    ],
    ['knownAnswer.level', { zMm: 'x', probability: 1 }, /knownAnswer\.level\.zMm must be a number/],
    ['knownAnswer.tolerance', 0, /knownAnswer\.tolerance must be a number above 0/],
    ['trainingData', 'x', /trainingData must be a list; it is "x"/],
    ['metrics', { mae: null }, /metrics\.mae must be a number; it is null/],
  ])('names the field when %s is %j', (path, value, message) => {
    const parse = () => parseManifest(changed(path, value), 'models/x/manifest.json');
    expect(parse).toThrow(ModelError);
    expect(parse).toThrow(message);
    expect(parse).toThrow(/^models\/x\/manifest\.json: /);
  });

  test.each([null, [], 'text'])('refuses %j as a whole', (json) => {
    expect(() => parseManifest(json)).toThrow(/the manifest must be an object/);
  });
});
