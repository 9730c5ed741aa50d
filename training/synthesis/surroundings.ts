import { GRID_MM, paintEllipse } from './brush';
import { gaussianBlur, newRaster, smoothLine, smoothNoise, type Raster } from './raster';
import type { Random } from '../tools/random';
import type { Spine } from './spine';
import type { Tissues } from './tissues';

/** Where the body begins and ends, column mm for each row. */
export interface BodyOutline {
  /** Middle of the spine. */
  readonly spineY: Float32Array;
  readonly skin: Float32Array;
  readonly front: Float32Array;
}

/**
 * Everything but the spine: muscle and fat, organs, bowel, gas, bladder, pubis, lung, the aorta with
 * its calcifications, the body's outline, clothes or table behind it.
 *
 * @param spine in canvas mm.
 * @returns a plane in the tissues' unit, and the body's outline.
 */
export function paintSurroundings(
  random: Random,
  spine: Spine,
  tissues: Tissues,
  height: number,
  width: number,
): { plane: Raster; outline: BodyOutline } {
  const plane = newRaster(height, width);
  const spineY = spineLine(spine, height);
  const at = (z: number) => spineY[Math.min(height - 1, Math.max(0, Math.round(z / GRID_MM)))];
  const body = (name: string) => spine.bodies.find((b) => b.name === name)!;

  paintMuscleAndFat(random, plane, tissues, spineY);
  paintOrgans(random, plane, spine, tissues, at);
  if (random.chance(0.6) ? tissues.modality === 'CT' : random.chance(0.2)) {
    const t8 = body('T8');
    const place = { y: t8.y - random.uniform(28, 55), z: t8.z - random.uniform(20, 90), angle: 0 };
    paintEllipse(plane, place, random.uniform(6, 30), random.uniform(30, 90), tissues.gas);
  }
  if (random.chance(0.75)) paintAorta(random, plane, spine, tissues, spineY);
  paintPubis(random, plane, spine, tissues);
  const outline = paintOutline(random, plane, spine, tissues, spineY);
  const soft = random.uniform(0.3, 1.1);
  return { plane: gaussianBlur(plane, soft, soft), outline };
}

/** The column of the spine's middle in mm, one value a row. */
function spineLine(spine: Spine, height: number): Float32Array {
  const chain = [...spine.bodies, ...spine.sacrum, ...spine.coccyx].sort((a, b) => a.z - b.z);
  const line = new Float32Array(height);
  let k = 0;
  for (let r = 0; r < height; r++) {
    const z = r * GRID_MM;
    while (k < chain.length - 2 && chain[k + 1].z < z) k++;
    const [a, b] = [chain[k], chain[k + 1]];
    const t = Math.min(1, Math.max(0, (z - a.z) / Math.max(1e-3, b.z - a.z)));
    line[r] = a.y + (b.y - a.y) * t;
  }
  return line;
}

function paintMuscleAndFat(random: Random, plane: Raster, tissues: Tissues, spineY: Float32Array) {
  const { height, width, data } = plane;
  const front = smoothNoise(random, height, width, random.uniform(2.5, 6));
  const back = smoothNoise(random, height, width, 3);
  const fatInFront = random.uniform(-0.8, 1.2);
  const fatBehind = -1.3 + random.uniform(-0.5, 1);
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      const i = r * width + c;
      const muscle =
        c * GRID_MM > spineY[r] ? back.data[i] > fatBehind : front.data[i] > fatInFront;
      data[i] = muscle ? tissues.muscle : tissues.fat;
    }
  }
}

function paintOrgans(
  random: Random,
  plane: Raster,
  spine: Spine,
  tissues: Tissues,
  at: (z: number) => number,
): void {
  const u = (low: number, high: number) => random.uniform(low, high);
  const heightMm = plane.height * GRID_MM;
  const vary = (low: number, high: number) => (tissues.modality === 'CT' ? u(low, high) : 0);
  for (let n = random.integer(3, 9); n > 0; n--) {
    const z = u(0, heightMm);
    const place = { y: at(z) - u(42, 130), z, angle: u(-0.6, 0.6) };
    paintEllipse(plane, place, u(10, 45), u(10, 60), tissues.organ + vary(-30, 60));
  }
  const l1 = spine.bodies.find((b) => b.name === 'L1')!;
  for (let n = random.integer(0, 14); n > 0; n--) {
    const z = u(l1.z - 40, heightMm + 20);
    const kind = random.next();
    const filled = tissues.modality === 'CT' && kind < 0.45;
    const value =
      kind < 0.3 ? tissues.gas : filled ? tissues.contrast : tissues.organ + vary(-30, 30);
    const place = { y: at(z) - u(34, 130), z, angle: u(-1, 1) };
    paintEllipse(plane, place, u(5, 16), u(5, 20), value);
  }
  if (random.chance(0.5)) {
    const [s3, s5] = [spine.sacrum[2], spine.sacrum[4]];
    const place = { y: s3.y - u(70, 100), z: s5.z + u(-35, 15), angle: 0 };
    paintEllipse(plane, place, u(20, 45), u(18, 40), tissues.bladder);
  }
}

/** In front of the spine down to about L4. */
function paintAorta(
  random: Random,
  plane: Raster,
  spine: Spine,
  tissues: Tissues,
  spineY: Float32Array,
): void {
  const { height, width, data } = plane;
  const radius = random.uniform(8, 13) * spine.size;
  const end = spine.bodies.find((b) => b.name === 'L4')!.z + random.normal(0, 28);
  const gap = random.uniform(2, 10);
  const wobble = smoothLine(random, height, 20);
  const middle = spineY.map((y, r) => y - 17 * spine.size - gap - radius + 3 * wobble[r]);
  for (let r = 0; r < height && r * GRID_MM < end; r++) {
    for (let c = 0; c < width; c++) {
      if (Math.abs(c * GRID_MM - middle[r]) < radius) data[r * width + c] = tissues.vessel;
    }
  }
  if (tissues.modality === 'MR' || !random.chance(0.6)) return;
  for (let n = random.integer(1, 12); n > 0; n--) {
    const z = end - random.exponential(60);
    const r = Math.min(height - 1, Math.max(0, Math.round(z / GRID_MM)));
    const place = { y: middle[r] + random.sign() * radius, z, angle: 0 };
    const size = [random.uniform(1, 2.5), random.uniform(2, 7)];
    paintEllipse(plane, place, size[0], size[1], tissues.calcification);
  }
}

function paintPubis(random: Random, plane: Raster, spine: Spine, tissues: Tissues): void {
  if (!random.chance(0.6)) return;
  const u = (low: number, high: number) => random.uniform(low, high);
  const s5 = spine.sacrum[4];
  const place = { y: s5.y - u(80, 125), z: s5.z + u(5, 50), angle: u(0.4, 1.3) };
  const [ry, rz] = [u(7, 11), u(14, 22)];
  if (tissues.modality === 'CT') {
    paintEllipse(plane, place, ry + 1.5, rz + 1.5, tissues.marrow + 250);
    paintEllipse(plane, place, ry - 1, rz - 1, tissues.marrow);
  } else {
    paintEllipse(plane, place, ry + 1.5, rz + 1.5, tissues.cortex);
    paintEllipse(plane, place, ry, rz, tissues.marrow);
  }
}

/** Skin in front and behind, fat under it, air outside, sometimes a table or clothes. */
function paintOutline(
  random: Random,
  plane: Raster,
  spine: Spine,
  tissues: Tissues,
  spineY: Float32Array,
): BodyOutline {
  const { height, width, data } = plane;
  const tips = random.uniform(58, 75) * spine.size;
  const fat = random.uniform(3, 45);
  const wave = smoothLine(random, height, 25);
  const fascia = tips + random.uniform(-8, 8);
  const rough = newRaster(height, 1);
  for (let r = 0; r < height; r++) {
    let furthest = -Infinity;
    for (let k = Math.max(0, r - 10); k <= Math.min(height - 1, r + 10); k++)
      furthest = Math.max(furthest, spineY[k]);
    rough.data[r] = Math.max(spineY[r] + tips + fat + 4 * wave[r], furthest + 25);
  }
  const skin = gaussianBlur(rough, 8, 0).data;
  const belly = random.uniform(75, 190);
  const bellyWave = smoothLine(random, height, 30);
  const front = gaussianBlur({ height, width: 1, data: spineY.slice() }, 20, 0).data;
  for (let r = 0; r < height; r++) front[r] += 8 * bellyWave[r] - belly;
  const outline = { spineY, skin, front };
  for (let r = 0; r < height; r++) {
    const anterior = front[r];
    const anteriorFat = anterior + random.uniform(0, 1) + fat * 0.6;
    for (let c = 0; c < width; c++) {
      const y = c * GRID_MM;
      const i = r * width + c;
      if (y > spineY[r] + fascia || y < anteriorFat) data[i] = tissues.fat;
      if (y > skin[r] || y < anterior) data[i] = tissues.air;
    }
  }
  if (tissues.modality === 'MR' || !random.chance(0.35)) return outline;
  let table = -Infinity;
  for (const y of skin) table = Math.max(table, y);
  table += random.uniform(2, 12);
  const [half, value] = [random.uniform(1, 2), random.uniform(-600, 300)];
  for (let r = 0; r < height; r++) {
    for (let c = 0; c < width; c++) {
      if (Math.abs(c * GRID_MM - table) < half) data[r * width + c] = value;
    }
  }
  return outline;
}
