import type { AxialGrid, Runs } from './axialGrid';
import type { CellRow } from './cellRows';
import { GRID_MM } from './cells';

/** Values of the runs of a row, in modality units. */
interface RunValues {
  readonly highest: Float64Array;
  readonly mean: Float64Array;
}

/**
 * Sums up what falls into each cell of a row of cells, columns x bins, weighted by how much of its depth does.
 *
 * Rows of pixels whose runs are the same cover every column alike, so that their weights are kept once a column.
 */
export class CellSums {
  private readonly max: Float32Array;
  private readonly mean: Float32Array;
  private readonly weight: Float32Array;
  private readonly weightOfColumn: Float32Array;
  /** The runs of all rows so far, while they are the same; weights are in `weightOfColumn`. */
  private sameRuns: Runs | null = null;
  private isEmpty = true;

  constructor(private readonly grid: Pick<AxialGrid, 'bins' | 'columns' | 'minY'>) {
    const cells = grid.columns * grid.bins;
    this.max = new Float32Array(cells);
    this.mean = new Float32Array(cells);
    this.weight = new Float32Array(cells);
    this.weightOfColumn = new Float32Array(grid.columns);
  }

  /** Adds a row of pixels at one patient y, `depth` mm deep. */
  addRow(yMm: number, depth: number, runs: Runs, values: RunValues): void {
    if (this.isEmpty) this.sameRuns = runs;
    else if (this.sameRuns !== runs) this.weighCells();
    this.isEmpty = false;
    const isSame = this.sameRuns !== null;
    const { max, mean, weight } = this;
    const { count, bins } = runs;
    const { highest, mean: middle } = values;
    const { from, to, first, last } = this.columnsOf(yMm, depth);
    for (let k = first; k <= last; k++) {
      const share = Math.min(to, k + 1) - Math.max(from, k);
      if (share <= 0) continue;
      const base = k * this.grid.bins;
      for (let run = 0; run < count; run++) {
        const cell = (base + bins[run]) | 0;
        max[cell] += share * highest[run];
        mean[cell] += share * middle[run];
      }
      if (isSame) this.weightOfColumn[k] += share;
      else for (let run = 0; run < count; run++) weight[base + bins[run]] += share;
    }
  }

  /** Adds a row of pixels whose runs lie at different y, each at that of its middle pixel. */
  addRuns(yMmAt: (u: number) => number, depth: number, runs: Runs, values: RunValues): void {
    this.weighCells();
    const { max, mean, weight } = this;
    const { count, bins, edges } = runs;
    for (let run = 0; run < count; run++) {
      const yMm = yMmAt((edges[run] + edges[run + 1] - 1) / 2);
      const { from, to, first, last } = this.columnsOf(yMm, depth);
      for (let k = first; k <= last; k++) {
        const share = Math.min(to, k + 1) - Math.max(from, k);
        if (share <= 0) continue;
        const cell = k * this.grid.bins + bins[run];
        max[cell] += share * values.highest[run];
        mean[cell] += share * values.mean[run];
        weight[cell] += share;
      }
    }
  }

  /** Writes the weighted means, `empty` where nothing fell, and begins anew. */
  takeMeans(into: CellRow, empty: number): void {
    this.weighCells();
    const { max, mean, weight } = this;
    const { max: highest, mean: middle } = into;
    for (let cell = 0; cell < weight.length; cell++) {
      const share = weight[cell];
      if (share === 0) {
        highest[cell] = empty;
        middle[cell] = empty;
      } else {
        highest[cell] = max[cell] / share;
        middle[cell] = mean[cell] / share;
      }
    }
    max.fill(0);
    mean.fill(0);
    weight.fill(0);
    this.isEmpty = true;
  }

  /** From here on each cell has a weight of its own. */
  private weighCells(): void {
    const { sameRuns, weightOfColumn } = this;
    this.isEmpty = false;
    if (!sameRuns) return;
    const { weight } = this;
    const { count, bins } = sameRuns;
    for (let k = 0; k < weightOfColumn.length; k++) {
      const base = k * this.grid.bins;
      for (let run = 0; run < count; run++) weight[base + bins[run]] = weightOfColumn[k];
    }
    weightOfColumn.fill(0);
    this.sameRuns = null;
  }

  /** The columns that a depth about a patient y reaches into, in units of columns. */
  private columnsOf(yMm: number, depth: number) {
    const { minY, columns } = this.grid;
    const from = (yMm - depth / 2 - minY) / GRID_MM;
    const to = (yMm + depth / 2 - minY) / GRID_MM;
    return {
      from,
      to,
      first: Math.max(0, Math.floor(from)),
      last: Math.min(columns - 1, Math.ceil(to) - 1),
    };
  }
}
