import { LEVEL_NAMES } from '../../../src/levels/types';
import { OUTPUT_MAPS, STRIDE } from '../../../training/network/maps';
import type { TrainingItem } from '../../../training/items/item';
import { augment } from '../../../training/batches/augment';
import { placeCrop, toCrop } from '../../../training/batches/crop';
import { DEFAULT_TRAINING } from '../../../training/train/options';
import { Random } from '../../../training/tools/random';

const [HEIGHT, WIDTH] = [160, 96];
const COLUMN = 45;
const RIB = 95;
const SACRUM = 185;

/** A spine in a picture taller than the crop, so that what is black in the crop was cut. */
function spine(lastRib: boolean): TrainingItem {
  const [height, width] = [280, 90];
  const max = new Uint8Array(height * width).fill(120);
  return {
    ...{ id: 'spine', person: 'spine', set: 'made-up', modality: 'CT', kind: 'synthetic' },
    ...{ height, width, max, mean: max, lateral: max, labelledRows: null },
    levels: LEVEL_NAMES.map((name, i) => ({ name, row: SACRUM - 15 * (9 - i), column: COLUMN })),
    lastRib: lastRib ? { row: RIB, column: COLUMN } : null,
  };
}

/** Share of the crops cut within 24 mm of an anchor, of those where that would leave half of the crop. */
function shareCutAt(end: 'head' | 'foot', item: TrainingItem): number {
  let [near, all] = [0, 0];
  for (let seed = 0; seed < 120; seed++) {
    const example = {
      input: new Float32Array(HEIGHT * WIDTH * 3),
      target: new Float32Array((HEIGHT / STRIDE) * (WIDTH / STRIDE) * OUTPUT_MAPS),
      mask: new Float32Array((HEIGHT / STRIDE) * (WIDTH / STRIDE) * OUTPUT_MAPS),
      inView: new Float32Array(OUTPUT_MAPS),
      inViewMask: new Float32Array(OUTPUT_MAPS),
    };
    augment(
      item,
      { ...DEFAULT_TRAINING, height: HEIGHT, width: WIDTH },
      Random.ofKeys(seed),
      example,
    );
    const placement = placeCrop(item, Random.ofKeys(seed));
    const row = end === 'head' ? RIB : SACRUM;
    const [anchor] = toCrop(placement, HEIGHT, WIDTH, row, COLUMN);
    const inReach = end === 'head' ? anchor > 14 && anchor < 70 : anchor > 90 && anchor < 146;
    if (!inReach) continue;
    all++;
    const seen = Array.from({ length: HEIGHT }, (_, r) =>
      example.input.subarray(r * WIDTH * 3, (r + 1) * WIDTH * 3).some((value) => value !== 0),
    );
    const edge = end === 'head' ? seen.indexOf(true) : seen.lastIndexOf(true) + 1;
    if (edge > 0 && edge < HEIGHT && Math.abs(edge - anchor) <= 12.5) near++;
  }
  expect(all).toBeGreaterThan(15);
  return near / all;
}

describe('cuts of a crop', () => {
  // Half of the crops are cut; 40 % of these at the anchor. By chance alone 12 of 72 rows are as near.
  it('often go through the body that bears the last rib, where that is known', () => {
    const known = shareCutAt('head', spine(true));
    expect(known).toBeGreaterThan(0.2);
    expect(known).toBeGreaterThan(1.4 * shareCutAt('head', spine(false)));
  });

  it('often go through the top of the sacrum', () => {
    expect(shareCutAt('foot', spine(false))).toBeGreaterThan(0.2);
  });
});
