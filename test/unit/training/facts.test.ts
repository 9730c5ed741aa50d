import { UNCALIBRATED } from '../../../src/levels/decision';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelManifest } from '../../../src/model/types';
import { NO_FACTS, readFacts } from '../../../training/export/facts';
import { modelCard } from '../../../training/export/modelCard';
import { provenanceOf } from '../../../training/export/provenance';
import { DEFAULT_NETWORK } from '../../../training/network/plan';
import { DEFAULT_TRAINING, type TrainOptions } from '../../../training/train/options';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'facts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const save = (name: string, content: unknown): string => {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};

const outcome = {
  ...{ id: 'case-1', set: 'a-set', modality: 'CT', role: 'never', verdict: 'wrong-level' },
  ...{ errorMm: -34.06, probability: 0.715 },
};
const evaluation = { model: { sha256: 'f'.repeat(64) }, outcomes: [outcome], summaries: [] };

/** What the exported network was compared on. */
const PARITY = { largest: 1e-7, pictures: 13, real: 8 };

describe('facts', () => {
  it('may each be missing', () => {
    expect(readFacts(save('facts.json', {}))).toEqual(NO_FACTS);
    expect(readFacts(save('facts.json', { trainingData: null, notes: ['n'] }))).toEqual({
      ...NO_FACTS,
      notes: ['n'],
    });
  });

  it('keep the settings that are given, beside the starting values of the others', () => {
    const { decision } = readFacts(save('facts.json', { decision: { minRibAnchor: 0.7 } }));
    expect(decision).toEqual({ ...UNCALIBRATED, minRibAnchor: 0.7 });
  });

  it('find an evaluation beside them', () => {
    save('evaluation.json', evaluation);
    const facts = readFacts(save('facts.json', { evaluation: 'evaluation.json' }));
    expect(facts.evaluation?.outcomes).toEqual([outcome]);
    expect(facts.evaluation?.model.sha256).toBe('f'.repeat(64));
  });

  it.each([
    ['{', /facts.json is not a readable JSON file/],
    [[], /facts.json: its content must be an object; it is \[\]/],
    [{ license: 'MIT', n: 1 }, /facts.json: license is not known; known are spdx, licence, /],
    [{ licence: ' ' }, /licence must be a text; it is " "/],
    [{ spdx: 'see the card' }, /spdx must be an SPDX licence expression .*; it is "see the card"/],
    [{ trainingData: 'one set' }, /trainingData must be a list; it is "one set"/],
    [{ notes: ['n', 7] }, /notes\[1\] must be a text; it is 7/],
    [{ metrics: { right: '6' } }, /metrics\.right must be a number; it is "6"/],
    [{ metrics: [6] }, /metrics must be an object; it is \[6\]/],
    [
      { decision: { minInSight: 0.5 } },
      /decision\.minInSight is not known; known are minInView, .*sdFaintMm/,
    ],
    [{ decision: [] }, /decision must be an object; it is \[\]/],
    [
      { decision: { minInView: 0.5, minProbability: 2, minAnchor: 0 } },
      /decision\.minProbability must be a number from 0 to 1; it is 2/,
    ],
    [
      { decision: { minInView: null } },
      /decision\.minInView must be a number from 0 to 1; it is null/,
    ],
    [{ evaluation: 'none.json' }, /none.json is not the evaluation.json that "evaluate" writes/],
  ])('%j are refused', (content, message) => {
    expect(() => readFacts(save('facts.json', content))).toThrow(message);
  });

  it.each([
    [
      { ...evaluation, outcomes: [outcome, { ...outcome, errorMm: 'far' }] },
      /outcomes\[1\]\.errorMm must be a number from .*; it is "far"/,
    ],
    [
      { ...evaluation, outcomes: [{ ...outcome, probability: undefined }] },
      /outcomes\[0\]\.probability must be .*; it is missing/,
    ],
    [{ ...evaluation, outcomes: [{ ...outcome, verdict: 7 }] }, /outcomes\[0\]\.verdict must be/],
    [{ ...evaluation, outcomes: {} }, /outcomes must be a list/],
    [{ ...evaluation, model: { sha256: 'f' } }, /model\.sha256 must be 64 lower-case hex/],
  ])('refuse a report of another kind, and say what it has otherwise (%#)', (report, fault) => {
    save('evaluation.json', report);
    const read = () => readFacts(save('facts.json', { evaluation: 'evaluation.json' }));
    expect(read).toThrow(/is not the evaluation.json that "evaluate" writes/);
    expect(read).toThrow(fault);
  });
});

describe('the model card', () => {
  const options: TrainOptions = {
    ...DEFAULT_TRAINING,
    network: { ...DEFAULT_NETWORK, maps: 12, classes: [6], deepSupervision: true },
    steps: 1200,
    items: ['training/work/items/mr.items', 'training/work/items/synthetic.items'],
    mix: { synthetic: 70, 'mr/chu': 30 },
    holdOut: ['zukic'],
  };
  const manifest = {
    name: 'l3-unet3plus',
    version: '0.1.0',
    sha256: 'f'.repeat(64),
    opset: 17,
    bytes: 3_060_370,
    parameters: 761_234,
    licence: 'Apache-2.0',
    metrics: {},
    input: {
      ...{ name: 'projection', channels: ['max', 'mean', 'mix'], mmPerPixel: 2, multipleOf: 32 },
      windows: {
        CT: { kind: 'hu', low: -200, high: 800 },
        MR: { kind: 'percentile', low: 1, high: 99.5 },
      },
    },
    output: { name: 'levels', levels: ['L3', 'L4'], members: 1, stride: 2 },
    decision: { ...UNCALIBRATED, minAnchor: 0.3125 },
  } as unknown as ModelManifest;
  const group = { selector: 'mr/chu', weight: 30, persons: 5, items: 105, sets: ['chu'] };
  const provenance = (steps = 1200) =>
    provenanceOf('r9', options, steps, save('data.json', [group]));
  const titles = (card: string) => [...card.matchAll(/^## (.*)$/gm)].map(([, title]) => title);

  it('says what is known', () => {
    const card = modelCard(
      { ...manifest, metrics: { 'right of 7': 6 } },
      {
        ...NO_FACTS,
        trainingData: ['chu: 5 people, some terms'],
        commands: ['npm run train -- synthesize --seed 1'],
        decision: manifest.decision,
        notes: ['A note.'],
        evaluation,
      },
      provenance(),
      { largest: 3.2e-7, pictures: 13, real: 8 },
    );
    expect(titles(card)).toEqual([
      'What it is',
      'Intended use and limits',
      'Input',
      'Output',
      'Training data',
      'Evaluation',
      'Provenance',
      'Notes',
      'Licence',
    ]);
    expect(card).toMatch(/^# l3-unet3plus 0\.1\.0\n/);
    for (const text of [
      '**Not for diagnostic use.**',
      '761,234 parameters',
      '-200 to 800 HU (CT)',
      'percentiles 1 to 99.5 of the series (MR)',
      '- chu: 5 people, some terms',
      '| mr/chu | 30 | 105 | 5 | chu |',
      '| right of 7 | 6 |',
      '| case-1 | a-set | CT | never | wrong-level | -34.1 | 0.71 |',
      'Seed 1, 1200 steps;',
      'at most 3.2e-7 in any value of any map, on 13 pictures',
      '8 of them of scans',
      'Levels are counted up from the sacrum; without it',
      'chosen for this model.',
    ]) {
      expect(card).toContain(text);
    }
    expect(card).not.toMatch(/not calibrated|undefined|NaN|null/);
  });

  it('tells how a model with a lateral band counts', () => {
    const { input, output } = manifest;
    const card = modelCard(
      {
        ...manifest,
        input: { ...input, channels: ['max', 'mean', 'lateral'] },
        output: { ...output, lastRib: true, members: 1 },
        decision: { ...manifest.decision, minRibAnchor: 0.25 },
      },
      NO_FACTS,
      provenance(),
      { ...PARITY, real: 0 },
    );
    for (const text of [
      'down from the last rib where the lateral band shows it',
      'Planes: max, mean, lateral; row 0 towards the head',
      '[1, 4, height / 2, width / 2]',
      'and one for the body that bears the last rib',
      '| `minRibAnchor` | 0.25 | the last rib counts as seen from this response',
      'none of them of a scan',
    ]) {
      expect(card).toContain(text);
    }
  });

  it('counts the spines that were made while training, and repeats their options', () => {
    const synthesis = { pool: 4000, fresh: 2, variants: 0.5, curves: 'shapes/mine.csv.gz' };
    const data = save('data.json', [
      { ...group, selector: 'synthetic/ribs', sets: ['ribs'] },
      group,
    ]);
    const made = provenanceOf('r9', { ...options, synthesis }, 1000, data);
    const card = modelCard(manifest, NO_FACTS, made, PARITY);
    expect(card).toContain('| synthetic/ribs | 30 | of 2192 made while training | - | ribs |');
    expect(card).toContain('| mr/chu | 30 | 105 | 5 | chu |');
    expect(card).toContain('--synthesize 4000 --fresh 2 --spine-curves shapes/mine.csv.gz --items');
  });

  it('gives the command lines that make the model again', () => {
    const card = modelCard(
      manifest,
      { ...NO_FACTS, commands: ['npm run train -- synthesize --seed 1'] },
      provenance(),
      PARITY,
    );
    expect(/```sh\n([^`]*)```/.exec(card)![1]!.split('\n')).toEqual([
      'npm run train -- synthesize --seed 1',
      'npm run train -- train --name r9 --seed 1 --steps 1200 --mix synthetic=70,mr/chu=30 ' +
        '--hold-out zukic --items training/work/items/mr.items training/work/items/synthetic.items',
      'npm run train -- export --name r9 --model l3-unet3plus --model-version 0.1.0',
      '',
    ]);
  });

  it('says what is not known', () => {
    const card = modelCard(manifest, NO_FACTS, provenance(500), PARITY);
    expect(card).toContain('Nothing was measured when this package was made.');
    expect(card).toContain('The licences of the sets are not recorded here.');
    expect(card).toContain('starting values, not calibrated with this model');
    expect(card).toContain('500 steps of 1200 planned (the run was not over)');
    expect(titles(card)).not.toContain('Notes');
  });

  it('shows no path of the machine it was made on', () => {
    const here = { ...options, items: [join(process.cwd(), 'training', 'work', 'a.items')] };
    const card = modelCard(manifest, NO_FACTS, provenanceOf('r9', here, 1, 'none'), PARITY);
    expect(card).toContain('--items training/work/a.items');
    expect(card).not.toContain(process.cwd());
    expect(card).toContain('Not recorded.');
  });
});
