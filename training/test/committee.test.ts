import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LevelEvidence } from '../../src/levels/types';
import { openModelPackage, readModelPackage } from '../../src/model/node';
import { projectionOfItem } from '../evaluate/itemCase';
import { NO_FACTS } from '../export/facts';
import { packCommittee } from '../export/packCommittee';
import { packModel } from '../export/packModel';
import { runFiles } from '../tools/paths';
import { readPackageWeights } from '../retrain/packageWeights';
import { writeCheckpoint } from '../train/checkpoint';
import { Trainer } from '../train/trainer';
import { madeUpItem, TINY_TRAINING } from './madeUp';

describe('a committee', () => {
  let folder: string;
  let members: string[];
  let committee: Awaited<ReturnType<typeof packCommittee>>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'committee-'));
    members = [];
    for (const seed of [1, 2]) members.push(await member(`m${seed}`, seed));
    committee = await pack(members);
  }, 240_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function member(name: string, seed: number, levelsOnly = TINY_TRAINING.channels) {
    const trainer = new Trainer({ ...TINY_TRAINING, seed, channels: levelsOnly });
    writeCheckpoint(runFiles(name, folder).checkpoint, trainer.checkpoint());
    trainer.dispose();
    const packed = await packModel({
      ...{ run: name, runs: folder, name, version: '0.2.0', into: join(folder, 'models') },
      ...{ replace: false, facts: NO_FACTS },
    });
    return packed.folder;
  }
  const pack = (of: readonly string[]) =>
    packCommittee({
      ...{
        members: of,
        name: 'all',
        version: '0.3.0',
        into: join(folder, 'models'),
        replace: true,
      },
      ...{ facts: NO_FACTS, command: 'npm run train -- committee ...' },
    });

  it('answers with every member’s maps and their mean, in half the bytes', async () => {
    const { folder: made, parity, manifest } = committee;
    expect(parity).toBeGreaterThan(0);
    expect(parity).toBeLessThan(5e-3);
    const item = madeUpItem(7);
    const answers: LevelEvidence[] = [];
    for (const each of [...members, made]) {
      const model = await openModelPackage(each);
      answers.push(await model.run(projectionOfItem(item, manifest.input.channels)));
      await model.dispose();
    }
    const together = answers.pop()!;
    expect(together.members).toHaveLength(2);
    const far = (a: Float32Array, b: Float32Array) =>
      a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
    answers.forEach(({ maps }, i) => {
      expect(far(together.members![i]!, maps)).toBeLessThan(5e-3);
      expect(far(together.maps, maps)).toBeGreaterThan(0.01);
    });
    const mean = answers[0]!.maps.map(
      (_, i) => answers.reduce((sum, { maps }) => sum + maps[i]!, 0) / 2,
    );
    expect(far(together.maps, mean)).toBeLessThan(5e-3);

    const sizes = await Promise.all(members.map(async (each) => readModelPackage(each)));
    const bytes = sizes.reduce((sum, { manifest: { bytes } }) => sum + bytes, 0);
    expect(manifest.bytes).toBeLessThan(0.85 * bytes);
    const card = readFileSync(join(made, 'MODEL_CARD.md'), 'utf8');
    expect(card).toContain(`Member: m2 0.2.0, SHA-256 \`${sizes[1]!.manifest.sha256}\``);
    expect(card).toContain('[1, 24, height / 2, width / 2]');
  });

  it('is read back as its members, to train on from them', async () => {
    const read = readPackageWeights((await readModelPackage(committee.folder)).modelBytes);
    expect(read).toHaveLength(2);
    for (const [i, each] of read.entries()) {
      const [alone] = readPackageWeights((await readModelPackage(members[i]!)).modelBytes);
      expect(each.network).toEqual(alone!.network);
      expect([...each.weights.keys()]).toEqual([...alone!.weights.keys()]);
      for (const [name, values] of alone!.weights) {
        const read = each.weights.get(name)!;
        values.forEach((value, k) => {
          expect(Math.abs(read[k]! - value)).toBeLessThanOrEqual(Math.abs(value) / 2048 + 2 ** -25);
        });
      }
    }
  });

  it('is of networks that go together, each once', async () => {
    await expect(pack([members[0]!])).rejects.toThrow(/two packages or more/);
    await expect(pack([members[0]!, members[0]!])).rejects.toThrow(/given twice/);
    const other = await member('other', 4, ['max', 'mean', 'mix']);
    await expect(pack([members[0]!, other])).rejects.toThrow(/another input or output/);
    await expect(pack([members[0]!, committee.folder])).rejects.toThrow(/is a committee itself/);
  });
});
