import { UNCALIBRATED } from '../../src/levels/decision';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readModelPackage } from '../../src/model/node';
import { NO_FACTS, readFacts, type Facts } from '../export/facts';
import { packModel } from '../export/packModel';
import { planNetwork } from '../network/plan';
import { runFiles } from '../tools/paths';
import { writeItems } from '../items/itemStore';
import { writeCheckpoint } from '../train/checkpoint';
import { Trainer } from '../train/trainer';
import { madeUpItem, TINY_TRAINING } from './madeUp';

const DECISION = { ...UNCALIBRATED, minInView: 0.4, minProbability: 0.7, ribPower: 1.25 };

describe('a package', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pack-'));
    const options = {
      ...TINY_TRAINING,
      network: { ...TINY_TRAINING.network, encoder: [8, 8, 8, 8, 8] },
      items: [join(folder, 'mr.items')],
      width: 32,
    };
    // Sizes that are no multiples of 32, scans as well as synthetic ones.
    const scan = { set: 'chu', kind: 'labelled' } as const;
    const scans = [1, 2, 3, 4, 5].map((seed) => ({ ...madeUpItem(seed), ...scan }));
    writeItems(options.items[0]!, [...scans, { ...madeUpItem(9), set: 'ribs' }]);
    const files = runFiles('tiny', folder);
    const trainer = new Trainer(options);
    writeCheckpoint(files.checkpoint, trainer.checkpoint());
    trainer.dispose();
    expect(planNetwork(options.network).multipleOf).toBe(32);
    const group = { selector: 'mr', weight: 26, persons: 2, items: 40, sets: ['chu', 'zukic'] };
    writeFileSync(files.data, JSON.stringify([group]));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const pack = (facts: Facts, replace = false) =>
    packModel({
      run: 'tiny',
      runs: folder,
      name: 'l3-tiny',
      version: '0.2.0',
      into: join(folder, 'models'),
      replace,
      facts,
    });
  const given = (facts: unknown) => {
    const file = join(folder, 'facts.json');
    writeFileSync(file, JSON.stringify(facts));
    return readFacts(file);
  };

  it('carries the facts in its manifest, and opens', async () => {
    const facts = given({
      licence: 'CC-BY-4.0',
      trainingData: ['A set (12 people), CC BY 4.0'],
      metrics: { 'right of 7': 6 },
      decision: DECISION,
    });
    const { folder: made, parity } = await pack(facts);
    expect(parity).toBeLessThanOrEqual(1e-5);
    expect(readdirSync(made).sort()).toEqual(['MODEL_CARD.md', 'manifest.json', 'model.onnx']);
    const { manifest, modelBytes } = await readModelPackage(made);
    expect(manifest).toMatchObject({
      name: 'l3-tiny',
      version: '0.2.0',
      bytes: modelBytes.length,
      licence: 'CC-BY-4.0',
      trainingData: ['A set (12 people), CC BY 4.0'],
      metrics: { 'right of 7': 6 },
      decision: DECISION,
    });
  });

  it('takes what the run noted where no facts are given', async () => {
    const { manifest } = await pack(NO_FACTS);
    expect(manifest.trainingData).toEqual(['chu', 'zukic']);
    const card = readFileSync(join(folder, 'models', 'l3-tiny', 'MODEL_CARD.md'), 'utf8');
    expect(card).toContain('| mr | 26 | 40 | 2 | chu, zukic |');
    expect(card).toMatch(/--items .*mr\.items/);
    expect(card).toMatch(/on 8 pictures\n {2}\(3 of them of scans/);
  });

  it('shows an evaluation of this very model only, and else is not written', async () => {
    const { manifest } = await pack(NO_FACTS);
    const outcome = { id: 'a', set: 's', modality: 'CT', role: 'never', verdict: 'right' };
    const outcomes = [{ ...outcome, errorMm: -1.25, probability: 0.9 }];
    const evaluate = (sha256: string) => {
      writeFileSync(join(folder, 'e.json'), JSON.stringify({ model: { sha256 }, outcomes }));
      return given({ evaluation: 'e.json' });
    };
    const card = join(folder, 'models', 'l3-tiny', 'MODEL_CARD.md');
    const before = readFileSync(card, 'utf8');
    await expect(pack(evaluate('0'.repeat(64)), true)).rejects.toThrow(/evaluation is of a model/);
    expect(readFileSync(card, 'utf8')).toBe(before);
    await pack(evaluate(manifest.sha256), true);
    expect(readFileSync(card, 'utf8')).toContain('| a | s | CT | never | right | -1.3 | 0.90 |');
    expect(readdirSync(join(folder, 'models'))).toEqual(['l3-tiny']);
  });

  it('does not take the place of another unasked', async () => {
    await pack(NO_FACTS);
    await expect(pack(NO_FACTS)).rejects.toThrow(/l3-tiny exists already.*--replace/);
    expect(existsSync(join(folder, 'models', 'l3-tiny.part'))).toBe(false);
  });
});
