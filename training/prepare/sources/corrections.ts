import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { decodeCorrections } from '../../../src/corrections/correctionFile';
import { isAbsence } from '../../../src/corrections/header';
import type { Correction } from '../../../src/corrections/types';
import type { TrainingItem } from '../../items/item';
import { CERTAIN_ROWS, GRID_MM, WINDOWS } from '../../items/toItem';
import { filesBelow } from './files';
import type { Source } from './source';

/** Data set of everything that was corrected in the viewer. */
const SET = 'corrections';

/** What the viewer exported where a person corrected or confirmed a level: `*.correction`. */
export const corrections: Source = {
  describe: 'corrections exported by the viewer (*.correction)',
  async list(path) {
    const files = statSync(path).isDirectory()
      ? filesBelow(path).filter((file) => file.endsWith('.correction'))
      : [path];
    if (files.length === 0) throw new Error(`${path} holds no *.correction.`);
    return files.map((file) => ({
      id: basename(file).replace(/\.correction$/, ''),
      set: SET,
      person: null,
      inputs: [file],
      detail: file,
    }));
  },
  async read({ id, detail }) {
    return { kind: 'items', items: correctedItems(detail as string, id) };
  },
};

/** @throws Error naming the file when it cannot be read or is not what this version exports. */
export function readCorrections(file: string): Correction[] {
  try {
    return decodeCorrections(readFileSync(file));
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}`, { cause });
  }
}

function correctedItems(file: string, id: string): TrainingItem[] {
  const all = readCorrections(file);
  return all.map((correction, i) =>
    itemOfCorrection(correction, all.length > 1 ? `${id}-${i + 1}` : id),
  );
}

/**
 * The training item of a correction: what the person said is the truth; levels that were not found
 * are not labelled. Where L3 is not in view, the item teaches that L3 and what lies beyond it are not
 * there, and nothing of the levels on this side.
 *
 * @throws Error when it was made on another grid or with another window than models are trained with.
 */
export function itemOfCorrection(correction: Correction, id: string): TrainingItem {
  const { person, modality, height, width, max, mean, lateral, window, mmPerPixel } = correction;
  const wanted = WINDOWS[modality];
  if (mmPerPixel !== GRID_MM) {
    throw new Error(`${id} has pixels of ${mmPerPixel} mm; models are trained on ${GRID_MM} mm.`);
  }
  if (window.kind !== wanted.kind || window.low !== wanted.low || window.high !== wanted.high) {
    throw new Error(
      `${id} was made with the window ${window.low}..${window.high} (${window.kind}); models are trained with ${wanted.low}..${wanted.high} (${wanted.kind}).`,
    );
  }
  const { action } = correction.final;
  const levels = correction.final.levels.map(({ name, row, column }) => ({ name, row, column }));
  const common = { id, person, set: SET, modality, height, width, max, mean, lateral, levels };
  if (isAbsence(action)) {
    const kind = action === 'ends-above-l3' ? 'no-l3' : 'below-l3';
    return { ...common, kind, labelledRows: null, lastRib: null };
  }
  const last = levels[levels.length - 1];
  return {
    ...common,
    kind: 'labelled',
    labelledRows: {
      from: levels[0].row - CERTAIN_ROWS,
      to: last.name === 'S1' ? height : last.row + CERTAIN_ROWS,
    },
    lastRib: null,
  };
}
