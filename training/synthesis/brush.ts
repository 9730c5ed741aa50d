import type { Raster } from './raster';

/** Grid of the projection, mm a pixel. */
export const GRID_MM = 2;

/** Where a shape lies: its centre in mm and the direction of its own axis from the vertical. */
export interface Placement {
  readonly y: number;
  readonly z: number;
  readonly angle: number;
}

/** Signed distance to the outline, mm, negative inside; `u` to the back, `w` down the axis. */
export type Shape = (u: number, w: number) => number;

export interface Coat {
  readonly fill: number;
  readonly shell: number;
  /** Thickness of the shell, mm. */
  readonly thickness: number;
  /** Multiplies the fill by 1 + gain * texture. */
  readonly texture?: Raster;
  readonly gain?: number;
}

const EDGE_MM = 0.55;

/** Calls `visit` for each pixel within `reach` mm of the placement, with coordinates in its frame. */
export function forEachPixel(
  plane: Raster,
  at: Placement,
  reach: number,
  visit: (index: number, u: number, w: number) => void,
): void {
  const rows = range(at.z, reach, plane.height);
  const columns = range(at.y, reach, plane.width);
  const cos = Math.cos(at.angle);
  const sin = Math.sin(at.angle);
  for (let r = rows.from; r <= rows.to; r++) {
    const z = r * GRID_MM - at.z;
    for (let c = columns.from; c <= columns.to; c++) {
      const y = c * GRID_MM - at.y;
      visit(r * plane.width + c, y * cos - z * sin, y * sin + z * cos);
    }
  }
}

function range(centre: number, reach: number, size: number) {
  return {
    from: Math.max(0, Math.ceil((centre - reach) / GRID_MM)),
    to: Math.min(size - 1, Math.floor((centre + reach) / GRID_MM)),
  };
}

/** Paints a shape with a soft outline, a shell along it and a fill. */
export function paintShape(
  plane: Raster,
  at: Placement,
  reach: number,
  shape: Shape,
  coat: Coat,
): void {
  const { data } = plane;
  forEachPixel(plane, at, reach, (index, u, w) => {
    const distance = shape(u, w);
    if (distance > 4 * EDGE_MM) return;
    data[index] = blend(data[index], distance, coat, index);
  });
}

/** The value of a pixel at a signed distance from a coated outline, over what was there. */
export function blend(under: number, distance: number, coat: Coat, index: number): number {
  const cover = distance < -4 * EDGE_MM ? 1 : 1 / (1 + Math.exp(distance / EDGE_MM));
  let value = coat.fill;
  if (coat.texture) value *= 1 + (coat.gain ?? 0) * coat.texture.data[index];
  const depth = (distance + coat.thickness * 0.5) / coat.thickness;
  if (depth > -3) value += (coat.shell - value) * Math.exp(-depth * depth);
  return under + (value - under) * cover;
}

/** Paints a filled ellipse with radii `ry` and `rz` along its own axes, mm. */
export function paintEllipse(
  plane: Raster,
  at: Placement,
  ry: number,
  rz: number,
  value: number,
  edge = 1.5,
): void {
  const { data } = plane;
  const scale = (Math.min(ry, rz) / edge) * 2;
  forEachPixel(plane, at, Math.max(ry, rz) + 4, (index, u, w) => {
    const distance = (Math.sqrt((u / ry) ** 2 + (w / rz) ** 2) - 1) * scale;
    if (distance > 8) return;
    const cover = distance < -8 ? 1 : 1 / (1 + Math.exp(distance));
    data[index] += (value - data[index]) * cover;
  });
}

/** Distance of a box with half sides `a` (along u) and `b` (along w) and rounded corners. */
export function roundedBox(du: number, dw: number, radius: number): number {
  const a = du + radius;
  const b = dw + radius;
  if (a > 0 && b > 0) return Math.hypot(a, b) - radius;
  return Math.max(a, b) - radius;
}

/** Raises an ellipse to a value, as a maximum over slices does; what is brighter stays. */
export function brighten(
  plane: Raster,
  at: Placement,
  ry: number,
  rz: number,
  value: number,
): void {
  if (ry < 0.5 || rz < 0.5) return;
  const { data } = plane;
  const scale = Math.min(ry, rz) / 0.6;
  forEachPixel(plane, at, Math.max(ry, rz) + 4, (index, u, w) => {
    const distance = (Math.sqrt((u / ry) ** 2 + (w / rz) ** 2) - 1) * scale;
    if (distance > 6 || value <= data[index]) return;
    const cover = 1 / (1 + Math.exp(distance));
    data[index] += (value - data[index]) * cover;
  });
}
