import { LEVEL_NAMES, type LevelName } from '../../src/levels/types';
import type { ChannelName, Projection } from '../../src/projection/types';
import type { Case, Expected } from '../items/cases';
import type { TrainingItem } from '../items/item';
import { GRID_MM } from '../items/toItem';
import { numberingShift } from '../items/numbering';

/** The part of an item that a scan covers: rows and columns from, up to but without. */
export interface ItemView {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** What there is to count by in a view. */
export type InView =
  | 'sacrum and last rib'
  | 'counts disagree'
  | 'sacrum'
  | 'last rib'
  | 'no anchor'
  | 'an anchor at the edge'
  | 'no L3'
  | 'L3 at the edge';

/** An item as a case with truth; z is -2 mm times the row of the view. */
export interface ItemCase extends Case {
  readonly inView: InView;
  /** Lumbar-type vertebrae: 5, or 4 or 6 where the ribs say so; null where they are not seen. */
  readonly lumbar: 4 | 5 | 6 | null;
}

/** A body this near to the edge, inside or out, may or may not be recognisable, pixels. */
const EDGE = 5;

export function wholeView({ height, width }: TrainingItem): ItemView {
  return { top: 0, bottom: height, left: 0, right: width };
}

/**
 * An item as the projection that a model is given: planes as stored, 0 where there is no lateral
 * band, top and front at 0 mm.
 */
export function projectionOfItem(
  item: TrainingItem,
  channels: readonly ChannelName[],
  view: ItemView = wholeView(item),
): Projection {
  const [height, width] = [view.bottom - view.top, view.right - view.left];
  const data = new Float32Array(channels.length * height * width);
  const { max, mean, lateral } = item;
  const read: Record<ChannelName, (i: number) => number> = {
    max: (i) => max[i]!,
    mean: (i) => mean[i]!,
    mix: (i) => (max[i]! + mean[i]!) / 2,
    lateral: (i) => lateral?.[i] ?? 0,
  };
  let at = 0;
  for (const channel of channels) {
    for (let r = view.top; r < view.bottom; r++) {
      for (let c = view.left; c < view.right; c++) {
        data[at++] = read[channel](r * item.width + c) / 255;
      }
    }
  }
  return {
    channels,
    data,
    height,
    width,
    mmPerPixel: GRID_MM,
    topZMm: 0,
    frontYMm: 0,
    spineXMm: new Float32Array(height),
    inView: new Uint8Array(height).fill(1),
  };
}

/**
 * What a right answer to a view of an item is. L3 is the third vertebra below the last rib-bearing
 * one where that is in view, else counted up from the sacrum; where both are in view and disagree,
 * or neither is, it cannot be named. Where an anchor or L3 is cut by the edge, either will do.
 */
export function caseOfItem(item: TrainingItem, view: ItemView = wholeView(item)): ItemCase {
  const shift = numberingShift(item);
  const where = (row: number | undefined): 'in' | 'edge' | 'out' => {
    if (row === undefined) return 'out';
    if (row < view.top - EDGE || row > view.bottom - 1 + EDGE) return 'out';
    return row < view.top + EDGE || row > view.bottom - 1 - EDGE ? 'edge' : 'in';
  };
  const rowOf = (name: LevelName) => item.levels.find((level) => level.name === name)?.row;
  const s1Row = rowOf('S1');
  // Below the last labelled level of a real scan there may be a sacrum that nobody marked.
  const unmarked = item.kind === 'labelled' && s1Row === undefined;
  const sacrum = unmarked ? 'edge' : where(s1Row);
  const rib = ribState(item, where);
  const costal = sacrum !== 'in' && rib !== 'out';
  const levels = item.levels.flatMap(({ name, row, column }) => {
    const renamed =
      LEVEL_NAMES[LEVEL_NAMES.indexOf(name) + (costal && name !== 'S1' ? shift : 0)] ?? null;
    if (renamed === null || (renamed === 'S1' && name !== 'S1')) return [];
    const [zMm, yMm] = [-GRID_MM * (row - view.top), GRID_MM * (column - view.left)];
    return [{ name: renamed, row, zMm, yMm }];
  });
  const l3 = levels.find(({ name }) => name === 'L3');
  const inView = inViewOf(sacrum, rib, where(l3?.row), shift);
  return {
    id: item.id,
    set: item.set,
    modality: item.modality,
    path: '',
    levels: levels.map(({ name, zMm, yMm }) => ({ name, zMm, yMm })),
    lastRib: null,
    l3ZMm: l3 && inView !== 'no L3' && inView !== 'counts disagree' ? l3.zMm : null,
    toleranceMm: null,
    expected: EXPECTED[inView],
    note: inView,
    inView,
    lumbar: item.lastRib ? (LUMBAR[shift] ?? null) : null,
  };
}

const LUMBAR: Readonly<Record<number, 4 | 5 | 6>> = { [-1]: 4, 0: 5, 1: 6 };

const EXPECTED: Readonly<Record<InView, Expected>> = {
  'sacrum and last rib': 'found',
  sacrum: 'found',
  'last rib': 'found',
  'an anchor at the edge': 'either',
  'L3 at the edge': 'either',
  'counts disagree': 'undetermined',
  'no anchor': 'undetermined',
  'no L3': 'undetermined',
};

type Place = 'in' | 'edge' | 'out';

/** Without a lateral band no rib is seen; with one, a rib that is not listed may be seen or not. */
function ribState(item: TrainingItem, where: (row: number) => Place): Place {
  if (!item.lateral) return 'out';
  return item.lastRib ? where(item.lastRib.row) : 'edge';
}

function inViewOf(sacrum: Place, rib: Place, l3: Place, shift: number): InView {
  if (l3 === 'out') return 'no L3';
  if (sacrum === 'in' && rib === 'in' && shift !== 0) return 'counts disagree';
  if (l3 === 'edge') return 'L3 at the edge';
  // An anchor at the edge matters only where it would say something else.
  const unclear = shift !== 0 && (sacrum === 'edge' || rib === 'edge');
  if (unclear || (sacrum !== 'in' && rib !== 'in' && (sacrum === 'edge' || rib === 'edge'))) {
    return 'an anchor at the edge';
  }
  if (sacrum === 'in') return rib === 'in' ? 'sacrum and last rib' : 'sacrum';
  return rib === 'in' ? 'last rib' : 'no anchor';
}
