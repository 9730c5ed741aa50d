import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import shipped from '../../../models/l3-unet3plus/manifest.json';
import { DecisionSchema, meaningOf, UNCALIBRATED } from '../../../src/levels/decision';
import { parseManifest } from '../../../src/model/manifest';
import { convertPackage } from '../../../training/export/convert';
import { VARIANTS_IN_PEOPLE } from '../../../training/synthesis/synthesizeItem';
import { HEAT_SIGMA } from '../../../training/batches/targets';

const settings = Object.keys(DecisionSchema.entries) as (keyof typeof UNCALIBRATED)[];

const card = readFileSync('models/l3-unet3plus/MODEL_CARD.md', 'utf8').replace(/ +/g, ' ');

test.each(settings)(
  '%s has a meaning, a starting value, and a value of the shipped model that its card tells',
  (name) => {
    expect(meaningOf(name)).not.toBe(name);
    expect(UNCALIBRATED[name]).toEqual(expect.any(Number));
    expect(shipped.decision[name]).toEqual(expect.any(Number));
    const value = Number(shipped.decision[name].toPrecision(4));
    expect(card).toContain(`| \`${name}\` | ${value} | ${meaningOf(name)} |`);
  },
);

test('what the network is taught is what the decoder takes it to be', () => {
  expect(2 * HEAT_SIGMA).toBe(shipped.decision.heatMm);
  expect(VARIANTS_IN_PEOPLE).toBe(shipped.decision.variants);
});

describe('a package of the former format', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'find-l3-convert-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const read = () => JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as unknown;
  const former = () => {
    const { minInView, minProbability, minAnchor, minRibAnchor, temperature } = shipped.decision;
    const decision = { minInView, minProbability, minAnchor, minRibAnchor, temperature };
    const { seed, peaks, tolerance } = shipped.knownAnswer;
    const knownAnswer = { seed, peaks, tolerance, height: 192, width: 96 };
    return { ...shipped, spdx: undefined, format: 'find-l3-model/1', decision, knownAnswer };
  };

  test('decodes as before once it is converted', async () => {
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(former()));
    copyFileSync('models/l3-unet3plus/model.onnx', join(folder, 'model.onnx'));
    const manifest = await convertPackage(folder);
    const decision: Record<string, number> = { ...shipped.decision };
    for (const name of settings) {
      if (name in former().decision) continue;
      decision[name] = UNCALIBRATED[name];
    }
    expect(manifest.decision).toEqual(decision);
    expect(parseManifest(read())).toEqual(manifest);
    expect(manifest.sha256).toBe(shipped.sha256);
    expect(manifest.knownAnswer.peaks).toEqual(shipped.knownAnswer.peaks);
  });

  test('only', async () => {
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(shipped));
    await expect(convertPackage(folder)).rejects.toThrow(/only packages of find-l3-model\/1/);
    expect(read()).toEqual(shipped);
  });
});
