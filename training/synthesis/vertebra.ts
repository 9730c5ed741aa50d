import {
  blend,
  forEachPixel,
  paintEllipse,
  paintShape,
  roundedBox,
  type Coat,
  type Placement,
} from './brush';
import type { Raster } from './raster';
import type { Random } from '../tools/random';
import type { Body, Spine } from './spine';
import type { Tissues } from './tissues';

/** How the bones of one picture look; drawn once, the same in each lateral slice. */
export interface BoneStyle {
  readonly tissues: Tissues;
  readonly size: number;
  /** Thickness of the cortex, mm. */
  readonly cortexMm: number;
  readonly cortex: number;
  /** Share of the endplates' brightness that the front and back walls have. */
  readonly wall: number;
  readonly texture: Raster;
  /** Width of the spinal canal front to back, mm. */
  readonly canalMm: number;
  /** Body index from which on the posterior elements look lumbar: only counting stays true. */
  readonly firstLumbarLook: number;
  readonly lumbarTilt: number;
  readonly thoracicTilt: number;
  readonly processLength: number;
  readonly processDrop: number;
  readonly processHeight: number;
  readonly facetSize: number;
  /** 0 (like marrow) to 1 (like cortex): how dense the laminae are. */
  readonly laminaDensity: number;
  readonly laminaLean: number;
  /** 0 to 1: how worn the discs are. */
  readonly wear: number;
  readonly vacuum: boolean;
  readonly screws: boolean;
  readonly perBody: readonly {
    readonly marrow: number;
    readonly osteophyte: number;
    readonly osteophyteSize: readonly [number, number];
    readonly processShift: number;
    /** Where the spinous process leaves the plane, as a share of its length. */
    readonly processEnd: number;
    readonly vacuum: number;
  }[];
}

const rad = (degrees: number) => (degrees * Math.PI) / 180;

export function drawBoneStyle(
  random: Random,
  spine: Spine,
  tissues: Tissues,
  texture: Raster,
): BoneStyle {
  const wear = random.next();
  const shift = random.integer(-2, 3);
  const processesInPlane = random.uniform(0.1, 1);
  return {
    tissues,
    size: spine.size,
    cortexMm: random.uniform(1.3, 2.6) * Math.min(1, 0.7 + 0.3 * spine.size),
    cortex: tissues.marrow + (tissues.cortex - tissues.marrow) * random.uniform(0.4, 1),
    wall: random.uniform(0.25, 1),
    texture,
    canalMm: random.uniform(14, 18) * spine.size,
    firstLumbarLook: 9 + shift,
    lumbarTilt: rad(random.uniform(2, 28)),
    thoracicTilt: rad(random.uniform(25, 60)),
    processLength: random.uniform(22, 38) * spine.size,
    processDrop: random.uniform(0.15, 0.55),
    processHeight: random.uniform(0.5, 0.9),
    facetSize: random.uniform(0.75, 1.35),
    laminaDensity: random.uniform(0.1, 0.9),
    laminaLean: rad(random.uniform(5, 35)),
    wear,
    vacuum: random.chance(0.2),
    screws: tissues.modality === 'CT' && random.chance(0.04),
    perBody: spine.bodies.map(() => ({
      marrow: random.normal(1, 0.06),
      osteophyte: random.next() * wear,
      osteophyteSize: [random.uniform(2, 5), random.uniform(1.5, 3)] as const,
      processShift: random.normal(0, 2),
      processEnd: random.chance(processesInPlane) ? 1.5 : random.uniform(0.1, 0.9),
      vacuum: random.next(),
    })),
  };
}

/**
 * Paints a vertebra with the disc below it into one lateral slice.
 *
 * @param aside distance of the slice from the spine's middle, mm
 */
export function paintVertebra(
  plane: Raster,
  spine: Spine,
  body: Body,
  aside: number,
  style: BoneStyle,
): void {
  const { size } = style;
  const lateral = Math.abs(aside);
  const halfWidth = 24 * size * (body.lumbar ? 1 : 0.8);
  if (lateral < 9) paintCanal(plane, body, style);
  if (lateral < halfWidth) {
    const roundness = Math.sqrt(Math.max(0.05, 1 - (aside / halfWidth) ** 2));
    const depth = body.depth * (0.45 + 0.55 * roundness);
    const height = body.height * (0.9 + 0.1 * roundness);
    paintDisc(plane, spine, body, depth, height, style);
    paintBody(plane, body, depth, height, style);
    if (style.screws && body.lumbar && lateral > 4) {
      const metal: Coat = { fill: 2500, shell: 2500, thickness: 1 };
      const screw = (u: number, w: number) =>
        roundedBox(Math.abs(u - 4) - depth * 0.75, Math.abs(w + height * 0.15) - 2.5, 1);
      paintShape(plane, body, depth, screw, metal);
    }
  }
  paintPosterior(plane, body, lateral, style);
}

function coatOf(body: Body, style: BoneStyle, brightness = 1): Coat {
  const look = style.perBody[body.index];
  return {
    fill: style.tissues.marrow * look.marrow * brightness,
    shell: style.cortex,
    thickness: style.cortexMm,
    texture: style.texture,
    gain: 0.12,
  };
}

function paintCanal(plane: Raster, body: Body, style: BoneStyle): void {
  const middle = body.depth / 2 + style.canalMm * 0.5;
  forEachPixel(plane, body, body.depth / 2 + style.canalMm + body.height, (index, u, w) => {
    if (Math.abs(u - middle) < style.canalMm * 0.45 && Math.abs(w) < body.height * 0.85)
      plane.data[index] = style.tissues.canal;
  });
}

function paintBody(
  plane: Raster,
  body: Body,
  depth: number,
  height: number,
  style: BoneStyle,
): void {
  const corner = 2.2 * style.size;
  const endplate = coatOf(body, style);
  // The walls in front and behind are thinner than the endplates.
  const wall = {
    ...endplate,
    shell: endplate.fill + (endplate.shell - endplate.fill) * style.wall,
  };
  const { data } = plane;
  forEachPixel(plane, body, Math.hypot(depth, height) * 0.5 + 4, (index, u, w) => {
    const [across, along] = [(2 * u) / depth, (2 * w) / height];
    const halfHeight =
      (height / 2) * (1 - body.wedge * across) - body.concavity * Math.max(0, 1 - across * across);
    const halfDepth = depth / 2 - body.waist * Math.max(0, 1 - along * along);
    const [du, dw] = [Math.abs(u) - halfDepth, Math.abs(w) - halfHeight];
    const distance = roundedBox(du, dw, corner);
    if (distance < 2.2)
      data[index] = blend(data[index], distance, dw > du ? endplate : wall, index);
  });
  const look = style.perBody[body.index];
  if (look.osteophyte < 0.55 || style.tissues.modality === 'MR') return;
  const [cos, sin] = [Math.cos(body.angle), Math.sin(body.angle)];
  for (const end of [-1, 1]) {
    const [u, w] = [-depth / 2 - 1, end * height * 0.45];
    const place = {
      y: body.y + u * cos + w * sin,
      z: body.z - u * sin + w * cos,
      angle: body.angle,
    };
    paintEllipse(plane, place, look.osteophyteSize[0], look.osteophyteSize[1], style.cortex * 0.9);
  }
}

/** The disc fills what lies between this body and the next (or S1), bulging a little. */
function paintDisc(
  plane: Raster,
  spine: Spine,
  body: Body,
  depth: number,
  height: number,
  style: BoneStyle,
): void {
  const { tissues } = style;
  const next = spine.bodies[body.index + 1] ?? spine.sacrum[0];
  const [dy, dz] = [next.y - body.y, next.z - body.z];
  const angle = Math.atan2(dy, dz);
  const lower = next.height * (body.index + 1 < spine.bodies.length ? 1 : 0.95);
  const gap = Math.max(1.5, Math.hypot(dy, dz) - (height + lower) / 2);
  const along = (height / 2 + gap / 2) / Math.hypot(dy, dz);
  const place: Placement = {
    y: body.y + dy * along,
    z: body.z + dz * along,
    angle: (body.angle + (angle + next.angle) / 2) / 2,
  };
  const halfGap = gap / 2 + 3;
  const isLast = body.index + 1 === spine.bodies.length;
  const wear = isLast ? Math.max(style.wear * 0.5, spine.lumbosacralWear) : style.wear;
  const core = style.perBody[body.index].vacuum;
  forEachPixel(plane, place, depth / 2 + halfGap, (index, u, w) => {
    if (Math.abs(u) > depth * 0.5 || Math.abs(w) > halfGap) return;
    let value = tissues.disc;
    if (tissues.modality === 'MR') {
      const nucleus = (u / (depth * 0.3)) ** 2 + (w / Math.max(2, gap * 0.42)) ** 2;
      if (nucleus < 1) value += (tissues.nucleus - value) * (1 - 0.75 * wear) * (1 - nucleus ** 2);
    } else if (style.vacuum && core > 0.8 && (u / (depth * 0.3)) ** 2 + (w / 2) ** 2 < 1) {
      value = -300;
    }
    plane.data[index] = value;
  });
}

/** Spinous process in the middle, laminae and facets beside it, pedicles further out. */
function paintPosterior(plane: Raster, body: Body, lateral: number, style: BoneStyle): void {
  const lumbarLook = body.index >= style.firstLumbarLook;
  const behind = body.depth / 2;
  const { canalMm, size, facetSize } = style;
  const reach = behind + canalMm + style.processLength + 12;
  if (lateral < 4.5) {
    const tilt = lumbarLook
      ? style.lumbarTilt
      : body.index < style.firstLumbarLook - 2
        ? style.thoracicTilt
        : (style.lumbarTilt + style.thoracicTilt) / 2;
    const length = style.processLength;
    const shift = behind + canalMm + length / 2 - style.perBody[body.index].processShift;
    const drop = body.height * (lumbarLook ? style.processDrop : 0.45);
    const [cos, sin] = [Math.cos(tilt), Math.sin(tilt)];
    const half = body.height * style.processHeight * (lumbarLook ? 0.5 : 0.34);
    const blade = (u: number, w: number) => {
      const [u2, w2] = [u - shift, w - drop];
      const along = u2 * cos + w2 * sin;
      const across = -u2 * sin + w2 * cos;
      const wide = lumbarLook ? half * (0.8 + (0.35 * along) / length) : half;
      return roundedBox(Math.abs(along) - length / 2, Math.abs(across) - wide, 3);
    };
    const look = style.perBody[body.index];
    const coat = coatOf(body, style, 1.1);
    const { data } = plane;
    forEachPixel(plane, body, reach, (index, u, w) => {
      const distance = blade(u, w);
      if (distance > 2.2) return;
      // Towards its tip the process leaves the plane more often than not.
      const out = (u - shift + length / 2) / length;
      const seen = Math.min(1, Math.max(0, 1 - (out - look.processEnd) * 4));
      data[index] += (blend(data[index], distance, coat, index) - data[index]) * seen;
    });
    const base = { ...coat, fill: coat.fill + (coat.shell - coat.fill) * style.laminaDensity };
    const [a, b] = [3.8 * size * facetSize, body.height * (lumbarLook ? 0.36 : 0.42)];
    const lean = Math.cos(style.laminaLean);
    const leanSin = Math.sin(style.laminaLean);
    const junction = (u: number, w: number) => {
      const [u2, w2] = [u - behind - canalMm - 2, w - drop];
      const [x, y] = [u2 * lean - w2 * leanSin, u2 * leanSin + w2 * lean];
      return (Math.sqrt((x / a) ** 2 + (y / b) ** 2) - 1) * 4;
    };
    paintShape(plane, body, reach, junction, base);
    return;
  }
  const tilted = (u: number, w: number, u0: number, w0: number, degrees: number) => {
    const [cos, sin] = [Math.cos(rad(degrees)), Math.sin(rad(degrees))];
    return [(u - u0) * cos + (w - w0) * sin, -(u - u0) * sin + (w - w0) * cos];
  };
  if (lateral < 10) {
    const [a, b] = [4.2 * size * facetSize, body.height * 0.48 * facetSize];
    const lamina = (u: number, w: number) => {
      const [x, y] = tilted(u, w, behind + canalMm * 0.98, body.height * 0.28, -18);
      return (Math.sqrt((x / a) ** 2 + (y / b) ** 2) - 1) * 4;
    };
    const coat = coatOf(body, style, 1.2);
    const dense = {
      ...coat,
      fill: coat.fill + (coat.shell - coat.fill) * style.laminaDensity * 0.7,
    };
    paintShape(plane, body, reach, lamina, dense);
    return;
  }
  const pedicle = (u: number, w: number) =>
    roundedBox(
      Math.abs(u - behind - 3) - 8,
      Math.abs(w + body.height * 0.18) - body.height * 0.24,
      2,
    );
  paintShape(plane, body, reach, pedicle, coatOf(body, style, 1.2));
  const [a, b] = [6.2 * size * facetSize, body.height * 0.68];
  const facet = (u: number, w: number) => {
    const [x, y] = tilted(u, w, behind + 11 * size, body.height * 0.1, -14);
    return (Math.sqrt((x / a) ** 2 + (y / b) ** 2) - 1) * 6;
  };
  paintShape(plane, body, reach, facet, coatOf(body, style, 1.25));
}
