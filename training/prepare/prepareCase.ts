import type { Projection } from '../../src/projection/types';
import { columnOfY, rowOfZ } from '../../src/projection/maps';
import { projectSeries } from '../../src/projection/projectSeries';
import { LEVEL_NAMES } from '../../src/levels/types';
import type { Case } from '../items/cases';
import { faultsOf } from '../items/checkItem';
import type { TrainingItem } from '../items/item';
import { modelAt } from './models';
import { openCase, projectView, viewsOf, type OpenCase } from '../items/openCase';
import type { SourceTruth } from './sources/source';
import { labelledItem, negativeItem } from '../items/toItem';

/** From this response on a body is where a model sees one. */
const LEAST_RESPONSE = 0.3;
/** So far above and below a level's height its body is looked for, rows of the model's output. */
const ROWS_AROUND = 2;

export interface PrepareOptions {
  readonly person: string;
  /** LPS y by level, where the source does not give it. */
  readonly yMm: Readonly<Record<string, number>>;
  /** A model package that looks for bodies whose place front to back nobody gave. */
  readonly columnsFrom: string;
}

/**
 * Makes and checks the items of a case.
 *
 * @throws Error saying why the case cannot be trained on.
 */
export async function prepareCase(
  source: SourceTruth,
  options: PrepareOptions,
): Promise<TrainingItem[]> {
  const items =
    source.kind === 'items' ? [...source.items] : await itemsOfScan(source.truth, options);
  const faults = [...new Set(items.flatMap(faultsOf))];
  if (faults.length > 0) throw new Error(faults.join('; '));
  return items;
}

async function itemsOfScan(truth: Case, options: PrepareOptions): Promise<TrainingItem[]> {
  const open = await openCase(truth);
  const isNegative = endsAboveL3(truth);
  const yMm = isNegative ? {} : await placesFrontToBack(truth, open, options);
  const items: TrainingItem[] = [];
  for (const view of viewsOf(open.series)) {
    const projection = await projectView(open, view);
    items.push(
      isNegative
        ? negativeItem(truth, projection, view.name, options.person)
        : labelledItem(truth, projection, view.name, options.person, yMm),
    );
  }
  return items;
}

/** L3 is certainly not in view: it is not labelled, and nothing below it is either. */
function endsAboveL3({ l3ZMm, levels }: Case): boolean {
  const l3 = LEVEL_NAMES.indexOf('L3');
  return l3ZMm === null && levels.every(({ name }) => LEVEL_NAMES.indexOf(name) < l3);
}

async function placesFrontToBack(
  truth: Case,
  open: OpenCase,
  { yMm, columnsFrom }: PrepareOptions,
): Promise<Readonly<Record<string, number>>> {
  const missing = truth.levels.filter((level) => level.yMm === null && !(level.name in yMm));
  if (missing.length === 0) return yMm;
  const model = await modelAt(columnsFrom);
  const { channels, windows } = model.manifest.input;
  const projection = await projectSeries(open.series, open.source, {
    channels,
    window: windows[open.series.modality],
  });
  const { maps, height, width, stride, levels } = await model.run(projection);
  const body = maps.subarray(levels.length * height * width, (levels.length + 1) * height * width);
  const found = missing.map(({ name, zMm }): [string, number] => {
    const row = Math.round((rowOfZ(projection, zMm) - (stride - 1) / 2) / stride);
    const column = strongest(body, height, width, row);
    if (column === null) {
      throw new Error(`${truth.id}: the place of ${name} front to back is unknown`);
    }
    return [name, yOfColumn(projection, column * stride + (stride - 1) / 2)];
  });
  return { ...Object.fromEntries(found), ...yMm };
}

function strongest(body: Float32Array, height: number, width: number, row: number): number | null {
  let best = LEAST_RESPONSE;
  let column: number | null = null;
  const last = Math.min(height - 1, row + ROWS_AROUND);
  for (let r = Math.max(0, row - ROWS_AROUND); r <= last; r++) {
    for (let c = 0; c < width; c++) {
      if (body[r * width + c] > best) [best, column] = [body[r * width + c], c];
    }
  }
  return column;
}

const yOfColumn = (projection: Projection, column: number): number =>
  projection.frontYMm +
  (column - columnOfY(projection, projection.frontYMm)) * projection.mmPerPixel;
