import type { Box, Distance } from './shapes';

/**
 * One image plane being painted, in anatomical mm (x to the left, y to the back, z to the head).
 * Column c lies at x = x0 + c * dx; row r at y = y0 + r * dy and z = z0 + r * dz, where dz is not 0
 * only under gantry tilt.
 */
export interface PlaneGrid {
  readonly columns: number;
  readonly rows: number;
  readonly x0: number;
  readonly y0: number;
  readonly z0: number;
  readonly dx: number;
  readonly dy: number;
  readonly dz: number;
}

/** HU of a structure's inside at a point, given the (negative) distance to its surface. */
export type Material = number | ((x: number, y: number, z: number, d: number) => number);

export interface Structure {
  readonly box: Box;
  readonly distance: Distance;
  readonly material: Material;
  /** Width of the transition across the surface, mm; default: the scanner's. */
  readonly softness?: number;
}

/** Something that can draw itself on a plane, over what is already there. */
export interface Layer {
  /** Vertical extent, mm; planes outside are not asked. */
  readonly zMin: number;
  readonly zMax: number;
  paint(plane: HuPlane): void;
}

/** Width over which the scanner blurs an edge in the plane, mm. */
export const EDGE_MM = 1.3;

/** Share of a voxel that lies inside a surface at distance d. */
export const coverage = (d: number, width = EDGE_MM) => {
  const c = 0.5 - d / width;
  return c <= 0 ? 0 : c >= 1 ? 1 : c;
};

export class HuPlane {
  readonly hu: Float32Array;

  constructor(readonly grid: PlaneGrid) {
    this.hu = new Float32Array(grid.columns * grid.rows);
  }

  /** Highest and lowest z of the plane. */
  zRange(): [number, number] {
    const { z0, dz, rows } = this.grid;
    const end = z0 + dz * (rows - 1);
    return [Math.min(z0, end), Math.max(z0, end)];
  }

  /** Calls `visit` for each row that meets the box, with its columns [from, to] and its y and z. */
  forRows(
    box: Box,
    visit: (offset: number, from: number, to: number, y: number, z: number) => void,
  ): void {
    const { columns, rows, x0, y0, z0, dx, dy, dz } = this.grid;
    const from = Math.max(0, Math.ceil((box[0] - EDGE_MM - x0) / dx));
    const to = Math.min(columns - 1, Math.floor((box[1] + EDGE_MM - x0) / dx));
    if (from > to) return;
    const top = Math.max(0, Math.ceil((box[2] - EDGE_MM - y0) / dy));
    const bottom = Math.min(rows - 1, Math.floor((box[3] + EDGE_MM - y0) / dy));
    for (let r = top; r <= bottom; r++) {
      const z = z0 + r * dz;
      if (z < box[4] - EDGE_MM || z > box[5] + EDGE_MM) continue;
      visit(r * columns, from, to, y0 + r * dy, z);
    }
  }

  /** Paints a structure over the plane; voxels on its border get the share it fills of them. */
  paint(structure: Structure): void {
    const { distance, material } = structure;
    const { x0, dx } = this.grid;
    const width = structure.softness ?? EDGE_MM;
    const hu = this.hu;
    this.forRows(structure.box, (offset, from, to, y, z) => {
      for (let c = from; c <= to; c++) {
        const x = x0 + c * dx;
        const d = distance(x, y, z);
        const share = 0.5 - d / width;
        if (share <= 0) continue;
        const value = typeof material === 'number' ? material : material(x, y, z, d);
        const i = offset + c;
        hu[i] = share >= 1 ? value : hu[i] + share * (value - hu[i]);
      }
    });
  }
}

/** Structures painted in this order, skipping those that a plane does not meet. */
export function layerOf(structures: readonly Structure[]): Layer {
  const zMin = Math.min(...structures.map((s) => s.box[4])) - EDGE_MM;
  const zMax = Math.max(...structures.map((s) => s.box[5])) + EDGE_MM;
  return {
    zMin,
    zMax,
    paint(plane) {
      const [low, high] = plane.zRange();
      for (const s of structures) {
        if (s.box[4] - EDGE_MM <= high && s.box[5] + EDGE_MM >= low) plane.paint(s);
      }
    },
  };
}
