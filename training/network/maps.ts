import { LEVEL_NAMES } from '../../src/levels/types';

/**
 * Maps of the network's answer, in the order of the manifest: the levels, then any vertebral body,
 * then the body that bears the last rib (seen in the lateral band).
 */
export const BODY_MAP = LEVEL_NAMES.length;
export const LAST_RIB_MAP = LEVEL_NAMES.length + 1;
export const OUTPUT_MAPS = LEVEL_NAMES.length + 2;
/** Maps that answer "is it in view" too. A body always is, as far as anything is to be found. */
export const CLASSIFIED_MAPS: readonly number[] = Array.from(
  { length: OUTPUT_MAPS },
  (_, map) => map,
).filter((map) => map !== BODY_MAP);
/** Output pixels are 2 input pixels wide: output i is centred on input 2 i + 0.5. */
export const STRIDE = 2;
