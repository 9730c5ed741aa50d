import { SPACING_BELOW } from '../levels/spacing';
import { LEVEL_NAMES, type LevelName } from '../levels/types';
import type { Projection } from '../projection/types';

/** Kept above T9's and below S1's centre: the rest of the body and a little more, mm. */
export const MARGIN_MM = { above: 20, below: 60 } as const;
/** Body size where nothing tells it: the smallest adult's, so that rather too little is kept. */
export const UNKNOWN_SIZE = 0.76;

/** Mean distance of the bodies' centres from one level down to another, mm. */
export function distanceMm(from: LevelName, to: LevelName): number {
  return LEVEL_NAMES.slice(LEVEL_NAMES.indexOf(from), LEVEL_NAMES.indexOf(to)).reduce(
    (sum, name) => sum + (SPACING_BELOW[name]?.meanMm ?? 0),
    0,
  );
}

export interface CroppedChannels {
  readonly height: number;
  readonly width: number;
  readonly max: Uint8Array;
  readonly mean: Uint8Array;
  readonly lateral: Uint8Array | null;
}

/**
 * The planes of a projection between two rows, [top, bottom), as bytes.
 *
 * @throws Error when it has no planes max and mean
 */
export function croppedChannels(
  projection: Projection,
  top: number,
  bottom: number,
): CroppedChannels {
  const [max, mean, lateral] = (['max', 'mean', 'lateral'] as const).map((name) =>
    cropped(projection, name, top, bottom),
  );
  if (!max || !mean) {
    throw new Error('A correction needs a projection with the channels max and mean.');
  }
  return {
    height: bottom - top,
    width: projection.width,
    max,
    mean,
    lateral: lateral?.some((value) => value > 0) ? lateral : null,
  };
}

function cropped(
  { channels, data, height, width }: Projection,
  name: 'max' | 'mean' | 'lateral',
  top: number,
  bottom: number,
): Uint8Array | null {
  const channel = channels.indexOf(name);
  if (channel < 0) return null;
  const start = (channel * height + top) * width;
  return Uint8Array.from(data.subarray(start, start + (bottom - top) * width), (value) =>
    Math.round(255 * Math.min(1, Math.max(0, value))),
  );
}
