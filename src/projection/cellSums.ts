import type { AxialGrid, Runs } from './axialGrid';
import type { CellRow } from './cellRows';
import { GRID_MM } from './cells';

/**
 * Sums up what falls into each cell of a row of cells, columns x bins, weighted by how much of its depth does.
 *
 * Rows of pixels whose runs are the same cover every column alike, so that their weights are kept once a column.
 */
export class CellSums {
  /** Of each cell the weighted sum of highest values, then that of means. */
  private readonly sums: Float32Array;
  private readonly weight: Float32Array;
  private readonly weightOfColumn: Float32Array;
  /** The runs of all rows so far, while they are the same; weights are in `weightOfColumn`. */
  private sameRuns: Runs | null = null;
  private isEmpty = true;

  constructor(private readonly grid: Pick<AxialGrid, 'bins' | 'columns' | 'minY'>) {
    const cells = grid.columns * grid.bins;
    this.sums = new Float32Array(2 * cells);
    this.weight = new Float32Array(cells);
    this.weightOfColumn = new Float32Array(grid.columns);
  }

  /**
   * Adds a row of pixels at one patient y, `depth` mm deep.
   *
   * @param reduced as of `RunReducer`
   */
  addRow(yMm: number, depth: number, runs: Runs, reduced: Float64Array): void {
    if (this.isEmpty) this.sameRuns = runs;
    else if (this.sameRuns !== runs) this.weighCells();
    this.isEmpty = false;
    const isSame = this.sameRuns !== null;
    const { weight } = this;
    const { count, bins } = runs;
    const { from, to, first, last } = this.columnsOf(yMm, depth);
    for (let k = first; k <= last; k++) {
      const share = Math.min(to, k + 1) - Math.max(from, k);
      if (share <= 0) continue;
      this.addShare(k, share, runs, reduced);
      const base = k * this.grid.bins;
      if (isSame) this.weightOfColumn[k] += share;
      else for (let run = 0; run < count; run++) weight[base + bins[run]] += share;
    }
  }

  /** Adds a row of pixels whose runs lie at different y, each at that of its middle pixel. */
  addRuns(yMmAt: (u: number) => number, depth: number, runs: Runs, reduced: Float64Array): void {
    this.weighCells();
    const { sums, weight } = this;
    const { count, bins, edges } = runs;
    for (let run = 0; run < count; run++) {
      const yMm = yMmAt((edges[run] + edges[run + 1] - 1) / 2);
      const { from, to, first, last } = this.columnsOf(yMm, depth);
      for (let k = first; k <= last; k++) {
        const share = Math.min(to, k + 1) - Math.max(from, k);
        if (share <= 0) continue;
        const cell = k * this.grid.bins + bins[run];
        sums[2 * cell] += share * reduced[3 * run];
        sums[2 * cell + 1] += share * reduced[3 * run + 1];
        weight[cell] += share;
      }
    }
  }

  /** Writes the weighted means, `empty` where nothing fell, and begins anew. */
  takeMeans(into: CellRow, empty: number): void {
    this.weighCells();
    for (let k = 0; k < this.grid.columns; k++) this.takeColumn(k, into, empty);
    this.isEmpty = true;
  }

  private addShare(column: number, share: number, runs: Runs, reduced: Float64Array): void {
    const { sums } = this;
    const { bins } = runs;
    const end = 3 * runs.count;
    const base = (column * this.grid.bins) | 0;
    for (let at = 0, run = 0; at < end; at += 3, run++) {
      const sum = (2 * (base + bins[run])) | 0;
      sums[sum] += share * reduced[at];
      sums[sum + 1] += share * reduced[at + 1];
    }
  }

  private takeColumn(column: number, into: CellRow, empty: number): void {
    const { sums, weight } = this;
    const { bins } = this.grid;
    const { max, mean } = into;
    const end = ((column + 1) * bins) | 0;
    for (let cell = (column * bins) | 0; cell < end; cell++) {
      const share = weight[cell];
      const sum = 2 * cell;
      if (share === 0) {
        max[cell] = empty;
        mean[cell] = empty;
        continue;
      }
      max[cell] = sums[sum] / share;
      mean[cell] = sums[sum + 1] / share;
      weight[cell] = 0;
      sums[sum] = 0;
      sums[sum + 1] = 0;
    }
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
