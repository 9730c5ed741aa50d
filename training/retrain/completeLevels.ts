import { BODY_SIZES, SPACING_BELOW } from '../../src/levels/spacing';
import { LEVEL_NAMES, type LevelEvidence, type LevelName } from '../../src/levels/types';
import type { LevelModel } from '../../src/model/types';
import { projectionOfItem } from '../evaluate/itemCase';
import type { TrainingItem } from '../items/item';
import { CERTAIN_ROWS } from '../items/toItem';

type Level = TrainingItem['levels'][number];

/** A body counts as seen from this response of the level-free map on. */
const LEAST_RESPONSE = 0.25;
/** The next body is looked for within so many standard deviations of its mean distance. */
const REACH_SD = 2.5;
/** Between two bodies the map falls to this share of its response at the next, or they are not told apart. */
const VALLEY = 0.7;
/** The spine moves front or back by no more than this from one body to the next, mm. */
const DRIFT_MM = 24;

/**
 * A person who corrects a level says where L3 is, and nothing of the others; where the model could
 * not number them, none is noted. But it may see the bodies all the same: they are counted from the
 * person's L3 up and down, as far as the model's level-free map shows them without a gap.
 *
 * @returns items with more levels where there are any to be had; the others as they are
 */
export async function completeLevels(
  model: LevelModel,
  items: readonly TrainingItem[],
): Promise<TrainingItem[]> {
  const completed: TrainingItem[] = [];
  for (const item of items) {
    const isComplete = item.kind !== 'labelled' || item.levels.length !== 1;
    completed.push(isComplete ? item : await complete(model, item));
  }
  return completed;
}

async function complete(model: LevelModel, item: TrainingItem): Promise<TrainingItem> {
  const { channels, mmPerPixel } = model.manifest.input;
  const evidence = await model.run(projectionOfItem(item, channels));
  const levels = bodiesFrom(evidence, item.levels[0], mmPerPixel);
  const last = levels[levels.length - 1];
  return {
    ...item,
    levels,
    labelledRows: {
      from: levels[0].row - CERTAIN_ROWS,
      to: last.name === 'S1' ? item.height : last.row + CERTAIN_ROWS,
    },
  };
}

/** The bodies that can be counted from a known one, head to foot, under the size that fits best. */
export function bodiesFrom(evidence: LevelEvidence, known: Level, mmPerPixel: number): Level[] {
  let best: { levels: Level[]; score: number } = { levels: [known], score: -Infinity };
  for (const { size, probability } of BODY_SIZES) {
    const found = [
      walk(evidence, known, -1, size, mmPerPixel),
      walk(evidence, known, 1, size, mmPerPixel),
    ];
    const score = found[0].score + found[1].score + Math.log(probability);
    const levels = [...found[0].levels.reverse(), known, ...found[1].levels];
    if (score > best.score) best = { levels, score };
  }
  return best.levels;
}

function walk(
  evidence: LevelEvidence,
  from: Level,
  step: 1 | -1,
  size: number,
  mmPerPixel: number,
): { levels: Level[]; score: number } {
  const levels: Level[] = [];
  let at = from;
  let score = 0;
  for (;;) {
    const name = LEVEL_NAMES[LEVEL_NAMES.indexOf(at.name) + step];
    const spacing = name && SPACING_BELOW[step > 0 ? at.name : name];
    const next = spacing && nextBody(evidence, at, name, step, spacing, size, mmPerPixel);
    if (!next) return { levels, score };
    levels.push(next.level);
    score += next.score;
    at = next.level;
  }
}

function nextBody(
  { maps, levels, height, width, stride }: LevelEvidence,
  from: Level,
  name: LevelName,
  step: 1 | -1,
  { meanMm, sdMm }: { readonly meanMm: number; readonly sdMm: number },
  size: number,
  mmPerPixel: number,
): { level: Level; score: number } | null {
  const body = maps.subarray(levels.length * height * width, (levels.length + 1) * height * width);
  const toOutput = (pixel: number) => (pixel - (stride - 1) / 2) / stride;
  const mm = mmPerPixel * stride;
  const sd = Math.hypot(sdMm, mm / Math.sqrt(12));
  const [row0, column0] = [toOutput(from.row), toOutput(from.column)];
  let best: { row: number; column: number; score: number } | null = null;
  for (let r = 0; r < height; r++) {
    const off = (step * (r - row0) * mm - meanMm * size) / sd;
    if (Math.abs(off) > REACH_SD) continue;
    for (let c = 0; c < width; c++) {
      const response = body[r * width + c];
      if (response < LEAST_RESPONSE || Math.abs(c - column0) * mm > DRIFT_MM) continue;
      const score = Math.log(response / LEAST_RESPONSE) - off ** 2 / 2;
      if (!best || score > best.score) best = { row: r, column: c, score };
    }
  }
  if (!best) return null;
  const { row, column, score } = best;
  const between = Math.round((row + row0) / 2) * width + Math.round((column + column0) / 2);
  if (body[between] > VALLEY * body[row * width + column]) return null;
  const place = (output: number) => output * stride + (stride - 1) / 2;
  return {
    level: { name, row: place(refined(body, width, height, row, column)), column: place(column) },
    score,
  };
}

/** The centroid of the responses about a peak, along the column. */
function refined(
  body: Float32Array,
  width: number,
  height: number,
  row: number,
  column: number,
): number {
  let [sum, weight] = [0, 0];
  for (let r = Math.max(0, row - 2); r <= Math.min(height - 1, row + 2); r++) {
    sum += r * body[r * width + column];
    weight += body[r * width + column];
  }
  return sum / weight;
}
