import { brighten, paintEllipse, paintShape, roundedBox, type Coat, type Placement } from './brush';
import type { Raster } from './raster';
import type { Random } from '../tools/random';
import type { Tissues } from './tissues';

/** Where a part is painted: turned and scaled about the middle of the picture. */
export class Stage {
  /**
   * @param middle of the picture, mm from its top left corner
   * @param scale of everything; @param turn radians
   */
  constructor(
    readonly plane: Raster,
    readonly middle: { readonly y: number; readonly z: number },
    readonly scale: number,
    readonly turn: number,
  ) {}

  /** @param y to the back, z to the feet, mm from the middle before scaling; angle of the shape's own axis */
  at(y: number, z: number, angle = 0): Placement {
    const [cos, sin] = [Math.cos(this.turn) * this.scale, Math.sin(this.turn) * this.scale];
    return {
      y: this.middle.y + cos * y - sin * z,
      z: this.middle.z + sin * y + cos * z,
      angle: angle - this.turn,
    };
  }

  ellipse(y: number, z: number, ry: number, rz: number, value: number, angle = 0): void {
    paintEllipse(this.plane, this.at(y, z, angle), ry * this.scale, rz * this.scale, value);
  }

  /** As a maximum over slices shows it: what is brighter stays. */
  spot(y: number, z: number, ry: number, rz: number, value: number): void {
    brighten(this.plane, this.at(y, z), ry * this.scale, rz * this.scale, value);
  }

  /** A box with rounded corners; half sides. */
  box(y: number, z: number, a: number, b: number, coat: Coat, angle = 0): void {
    const s = this.scale;
    const shape = (u: number, w: number) =>
      roundedBox(Math.abs(u) - a * s, Math.abs(w) - b * s, Math.min(a, b) * s * 0.4);
    paintShape(this.plane, this.at(y, z, angle), Math.hypot(a, b) * s + 4, shape, coat);
  }

  /**
   * A long bone from its wide end at (y, z) along `angle` (0: to the feet).
   *
   * @param half width of the shaft; @param end half width of the wide end; @param length mm
   */
  bone(
    y: number,
    z: number,
    { half, end, length, angle }: { half: number; end: number; length: number; angle: number },
    coat: Coat,
  ): void {
    const s = this.scale;
    const shape = (u: number, w: number) => {
      const along = w / s;
      const wide = half + (end - half) * Math.exp(-((Math.max(0, along - end * 0.5) / end) ** 2));
      return roundedBox(
        Math.abs(u) - wide * s,
        Math.abs(w - (length * s) / 2) - (length * s) / 2,
        Math.min(half, end) * 0.8 * s,
      );
    };
    paintShape(this.plane, this.at(y, z, angle), (length + end) * s + 4, shape, coat);
  }
}

/** Paints a part as a slice `depth` mm beside its middle shows it. */
export type Painter = (stage: Stage, depth: number) => void;

/** What every painter starts from. */
export interface Draw {
  readonly random: Random;
  readonly tissues: Tissues;
}

const coatOf = ({ tissues }: Draw, thickness: number): Coat => ({
  ...{ fill: tissues.marrow, shell: tissues.cortex, thickness },
});
/** How much of a round thing's radius is left `depth` beside its middle. */
const left = (radius: number, depth: number): number =>
  radius * Math.sqrt(Math.max(0.1, 1 - (depth / radius) ** 2));

/** Knee, elbow, ankle, hip: two shafts with wide ends that meet, often a small bone in front. */
export function joint(draw: Draw): Painter {
  const { random, tissues } = draw;
  const u = (low: number, high: number) => random.uniform(low, high);
  const coat = coatOf(draw, u(1.2, 3));
  const [half, end, gap] = [u(8, 15), u(20, 36), u(2, 6)];
  const other = { half: half * u(0.7, 1.1), end: end * u(0.75, 1.05) };
  const bent = u(-0.7, 0.25);
  const [front, round, plate] = [u(2, 12), random.chance(0.6), random.chance(0.3)];
  const small = random.chance(0.7);
  const fluid = random.chance(0.5) ? u(4, 12) : 0;
  const [skin, calf] = [u(50, 72), u(0, 25)];
  return (stage, depth) => {
    stage.ellipse(0, -170, skin * 1.15, 330, tissues.fat);
    stage.ellipse(5, 170, skin, 330, tissues.fat);
    stage.ellipse(22 + calf / 3, -130, skin * 0.6, 150, tissues.muscle);
    stage.ellipse(24 + calf / 2, 140, skin * 0.5, 140, tissues.muscle);
    if (fluid > 0) stage.ellipse(-end - front * 0.4, -end, fluid, end, tissues.bladder);
    const wide = left(end, depth);
    stage.ellipse(0, 0, wide * 1.05, gap + 6, tissues.disc);
    stage.bone(
      0,
      gap / 2,
      { ...other, end: left(other.end, depth), length: 420, angle: bent },
      coat,
    );
    if (round) stage.box(0, -end * 0.8 - gap / 2, wide, end * 0.8, coat);
    stage.bone(0, -gap / 2, { half, end: wide, length: 420, angle: Math.PI }, coat);
    if (plate) {
      for (const z of [-end * 0.9, end * 0.8]) stage.ellipse(0, z, wide, 1.2, tissues.cortex);
    }
    if (small) stage.box(-end - front, -end * 0.7, 8, 18, coat, 0.15);
  };
}

/** One or two shafts along the picture, in muscle: thigh, leg, forearm, an arm beside the body. */
export function longBones(draw: Draw): Painter {
  const { random, tissues } = draw;
  const u = (low: number, high: number) => random.uniform(low, high);
  const coat = coatOf(draw, u(2, 5));
  const bones = Array.from({ length: random.chance(0.4) ? 2 : 1 }, (_, i) => ({
    ...{ y: u(-12, 12) + 30 * i, half: u(6, 14), lean: u(-0.12, 0.12) },
  }));
  const [width, belly] = [u(35, 75), u(-15, 15)];
  const partition = u(-0.3, 0.3);
  return (stage, depth) => {
    stage.ellipse(8, 0, width, 320, tissues.fat);
    stage.ellipse(8 + belly, -40, width * 0.8, 200, tissues.muscle, partition);
    stage.ellipse(-4, 90, width * 0.7, 180, tissues.muscle, -partition);
    stage.ellipse(8 + belly, 0, 1.5, 200, tissues.fat, partition);
    for (const { y, half, lean } of bones) {
      const shaft = { half: left(half, depth), end: half, length: 520, angle: lean };
      stage.bone(y - 260 * Math.sin(lean), -260, shaft, coat);
    }
  };
}

/** Small bodies with discs, cord behind and airway in front, below a skull's base. */
export function neck(draw: Draw): Painter {
  const { random, tissues } = draw;
  const u = (low: number, high: number) => random.uniform(low, high);
  const coat = coatOf(draw, u(0.8, 1.6));
  const [step, bow, deep] = [u(15.5, 19), u(-0.0012, 0.003), u(7, 9.5)];
  const count = 6 + random.integer(0, 4);
  const [canal, cord] = [u(6, 8.5), tissues.organ * u(0.8, 1.1)];
  const skull = random.chance(0.7);
  const airway = u(18, 30);
  return (stage, depth) => {
    const y = (z: number) => -bow * 9 * (z * z - 1200) * 0.25;
    stage.ellipse(0, -40, 90, 150, tissues.fat);
    stage.ellipse(10, 20, 62, 150, tissues.muscle);
    if (skull) paintHead(stage, tissues, -140, depth);
    const top = -70;
    stage.ellipse(-airway - 6, 0, 7, 90, tissues.air);
    for (let z = top - 20; z < top + count * step + 40; z += 4) {
      const back = y(z) + deep + canal + 3;
      stage.ellipse(back, z, canal, 5, tissues.canal);
      stage.ellipse(back, z, canal * 0.6, 5, cord);
    }
    for (let i = 0; i < count; i++) {
      const z = top + i * step;
      stage.ellipse(y(z), z + step / 2, deep * 0.95, 3.2, tissues.disc);
      stage.box(y(z), z, left(deep, depth / 2), step / 2 - 2.6, coat);
      stage.box(y(z) + deep + 2 * canal + 14, z + 8, 12, 3.2, coat, 1.2);
    }
  };
}

/** Skull with brain, ventricles, sinuses and face; a neck's beginning below. */
export function head(draw: Draw): Painter {
  const { random, tissues } = draw;
  const low = random.uniform(-20, 60);
  const jaw = random.chance(0.5);
  const coat = coatOf(draw, 2);
  return (stage, depth) => {
    stage.ellipse(10, 120 + low, 55, 120, tissues.muscle);
    paintHead(stage, tissues, low - 20, depth);
    if (jaw) stage.box(-62, 60 + low, 26, 9, coat, 0.4);
  };
}

function paintHead(stage: Stage, tissues: Tissues, z: number, depth: number): void {
  const small = left(90, depth) / 90;
  stage.ellipse(0, z, 98 * small, 80 * small, tissues.fat);
  stage.ellipse(0, z, 94 * small, 76 * small, tissues.cortex);
  stage.ellipse(0, z, 91.5 * small, 73.5 * small, tissues.marrow);
  stage.ellipse(0, z, 89 * small, 71 * small, tissues.cortex);
  stage.ellipse(0, z, 86 * small, 68 * small, tissues.bladder);
  stage.ellipse(0, z - 2, 83 * small, 64 * small, tissues.organ);
  stage.ellipse(0, z, 60 * small, 42 * small, tissues.organ * 1.15);
  stage.ellipse(0, z - 2, 30, 9, tissues.bladder, 1.4);
  stage.ellipse(46 * small, z + 44, 26, 18, tissues.organ * 0.95);
  stage.ellipse(16, z + 62, 9, 26, tissues.organ);
  stage.ellipse(-70 * small, z + 52, 14, 11, tissues.air);
  stage.ellipse(-58 * small, z + 78, 22, 18, tissues.muscle);
}

/** Chest beside the spine: lung, heart, dome of the diaphragm, ribs cut across in front and behind. */
export function chest(draw: Draw): Painter {
  const { random, tissues } = draw;
  const u = (low: number, high: number) => random.uniform(low, high);
  const [step, thick, deep] = [u(20, 34), u(4, 7), u(75, 100)];
  const bone = tissues.modality === 'CT' ? u(300, 700) : tissues.marrow;
  const [dome, heart] = [u(10, 90), random.chance(0.7)];
  const both = random.chance(0.7);
  return (stage, depth) => {
    stage.ellipse(0, 0, deep + 18, 330, tissues.fat);
    stage.ellipse(0, 0, deep + 8, 320, tissues.muscle);
    stage.ellipse(0, -60, deep - 6, 190, tissues.gas);
    if (heart) stage.ellipse(-30, 10, left(46, depth), 55, tissues.vessel, 0.5);
    stage.ellipse(0, 150 + dome, deep - 4, 130, tissues.organ);
    for (let z = -230; z < 150 + dome; z += step) {
      const bowed = deep * Math.sqrt(Math.max(0.05, 1 - (z / 340) ** 2));
      stage.box(
        bowed,
        z,
        thick,
        thick * 1.5,
        { fill: bone, shell: tissues.cortex, thickness: 1 },
        0.4,
      );
      if (both) stage.spot(-bowed, z + 45, thick * 0.8, thick * 1.4, bone * 0.8);
    }
  };
}

/** Soft parts without bone: breast, pelvic organs, bowel. */
export function softParts(draw: Draw): Painter {
  const { random, tissues } = draw;
  const values = [tissues.organ, tissues.muscle, tissues.fat, tissues.bladder, tissues.vessel];
  const blobs = Array.from({ length: 6 + random.integer(0, 14) }, () => ({
    ...{ y: random.uniform(-80, 80), z: random.uniform(-150, 150), ry: random.uniform(6, 40) },
    ...{ rz: random.uniform(6, 45), value: random.pick(values), angle: random.uniform(0, 3) },
  }));
  const [ry, rz] = [random.uniform(60, 120), random.uniform(70, 260)];
  return (stage, depth) => {
    stage.ellipse(0, 0, ry, rz, tissues.fat);
    for (const { y, z, ry: a, rz: b, value, angle } of blobs) {
      stage.ellipse(y, z, left(a, depth / 2), b, value, angle);
    }
  };
}

/** Bottles, spheres and grids of quality control, and air. */
export function phantom(draw: Draw): Painter {
  const { random, tissues } = draw;
  const u = (low: number, high: number) => random.uniform(low, high);
  const [fill, wall] = [random.chance(0.2) ? tissues.air : tissues.organ, tissues.cortex];
  const [ry, rz, isRound] = [u(40, 110), u(50, 230), random.chance(0.5)];
  const rows = random.chance(0.5) ? 3 + random.integer(0, 8) : 0;
  const [step, spot, value] = [
    u(14, 45),
    u(2, 9),
    random.pick([tissues.gas, wall, tissues.bladder]),
  ];
  const columns = 1 + random.integer(0, 3);
  const isHole = random.chance(0.5);
  return (stage) => {
    const coat = { fill, shell: wall, thickness: 2.5 };
    if (isRound) {
      stage.ellipse(0, 0, ry, rz, wall);
      stage.ellipse(0, 0, ry - 3, rz - 3, fill);
    } else stage.box(0, 0, ry, rz, coat);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const [y, z] = [(column - (columns - 1) / 2) * step * 1.2, (row - (rows - 1) / 2) * step];
        if (isHole) stage.ellipse(y, z, spot, spot, value);
        else stage.box(y, z, spot * 1.8, spot, { ...coat, fill: value });
      }
    }
  };
}
