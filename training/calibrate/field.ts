import type { TrainingItem } from '../items/item';
import type { ItemView } from '../evaluate/itemCase';
import type { Random } from '../tools/random';

/** Fields of view that scans have, with their shares. */
const FIELDS = {
  /** Abdomen and pelvis, or more. */
  trunk: 0.35,
  /** Upper abdomen: ends above the sacrum. */
  'upper abdomen': 0.25,
  /** Pelvis and lumbar spine: begins below the ribs. */
  'lower lumbar': 0.2,
  /** Both ends cut. */
  crop: 0.1,
  chest: 0.1,
} as const;

export type FieldName = keyof typeof FIELDS;

const LEAST_ROWS = 45;
/** The viewer shows this of a CT front to back, pixels, and the spine at this share of it. */
const CT_COLUMNS = 112;
const SPINE_AT = 0.55;

/** Draws what a scan of the item covers. */
export function drawField(
  item: TrainingItem,
  random: Random,
): { readonly field: FieldName; readonly view: ItemView } {
  const field = pickField(random.next());
  const middle = item.height / 2;
  const row = (name: string, otherwise: number) =>
    item.levels.find((level) => level.name === name)?.row ?? otherwise;
  const [t9, t11, t12] = [row('T9', 0.1 * item.height), row('T11', 60), row('T12', 75)];
  const [l3, l4, s1] = [row('L3', middle), row('L4', middle + 17), row('S1', middle + 50)];
  const end = item.height;
  const ranges: Record<FieldName, readonly [number, number, number, number]> = {
    trunk: [0, t11, s1 + 6, end],
    'upper abdomen': [0, t11, l3, s1 - 6],
    'lower lumbar': [t12 + 6, l3, s1 + 6, end],
    crop: [t11, l3, l3, s1],
    chest: [0, t9, t9 + LEAST_ROWS, l4],
  };
  const [highest, lowest, nearest, farthest] = ranges[field];
  const top = Math.round(clamp(random.uniform(highest, lowest), 0, end - LEAST_ROWS));
  const bottom = Math.round(
    clamp(random.uniform(nearest, Math.max(nearest, farthest)), top + LEAST_ROWS, end),
  );
  return { field, view: { top, bottom, ...drawColumns(item, random) } };
}

function drawColumns(item: TrainingItem, random: Random): { left: number; right: number } {
  if (item.modality === 'MR') {
    const width = Math.min(item.width, random.integer(100, item.width + 1));
    const left = random.integer(0, item.width - width + 1);
    return { left, right: left + width };
  }
  const width = Math.min(item.width, CT_COLUMNS);
  const spine = item.levels.find(({ name }) => name === 'L3')?.column ?? SPINE_AT * item.width;
  const wanted = spine - (SPINE_AT + random.normal(0, 0.03)) * width;
  const left = Math.round(clamp(wanted, 0, item.width - width));
  return { left, right: left + width };
}

function pickField(draw: number): FieldName {
  let left = draw;
  for (const [name, share] of Object.entries(FIELDS)) {
    left -= share;
    if (left < 0) return name as FieldName;
  }
  return 'trunk';
}

const clamp = (value: number, low: number, high: number): number =>
  Math.min(high, Math.max(low, value));
