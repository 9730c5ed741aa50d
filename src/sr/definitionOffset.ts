import { LEVEL_NAMES, type LevelName } from '../levels/types';
import type { Definition } from './types';

/**
 * Half the height of a lumbar vertebral body as a share of the distance between the centres of
 * neighbouring bodies: a body is about three quarters of it, the disc the rest.
 */
const HALF_BODY_SHARE = 0.37;
/** Used where a neighbour was not found: the usual distance between lumbar bodies, mm. */
export const USUAL_DISTANCE_MM = 36;

/**
 * How far a definition lies above the middle of the body, mm (negative: below it). Estimated from
 * the distance to the neighbouring body, not measured on the image.
 *
 * @param levels heights of bodies, LPS mm; the usual distance stands in for one that is missing
 */
export function definitionOffsetMm(
  definition: Definition,
  levels: readonly { readonly name: LevelName; readonly zMm: number }[],
  level: LevelName,
): number {
  if (definition === 'mid-body') return 0;
  const up = definition === 'superior-endplate';
  const at = LEVEL_NAMES.indexOf(level);
  const zOf = (index: number) => levels.find(({ name }) => name === LEVEL_NAMES[index])?.zMm;
  const own = zOf(at);
  const neighbour = zOf(up ? at - 1 : at + 1) ?? null;
  const distance =
    own === undefined || neighbour === null ? USUAL_DISTANCE_MM : Math.abs(neighbour - own);
  return (up ? 1 : -1) * HALF_BODY_SHARE * distance;
}
