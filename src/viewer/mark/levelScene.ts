import type { Answered } from '../../finder/types';
import { LEVEL_NAMES } from '../../levels/types';
import { percent } from '../../reasons/percent';
import type { SceneLine } from './levelDrawing';
import type { Proposal } from '../state';
import { shiftedLevels } from './spine';

/** The ruler names levels from here to the sacrum. */
const RULER_TOP = LEVEL_NAMES.indexOf('T11');
/** Places closer than this are the same vertebra, mm. */
const SAME_VERTEBRA_MM = 12;

interface SceneOptions {
  readonly ruler: boolean;
  /** Vertebrae by which a person moved the numbering up. */
  readonly shift: number;
  /** Where the mark lies, which has a line of its own; null without a mark. */
  readonly markZMm: number | null;
  readonly proposal: Proposal | null;
}

/**
 * What is drawn beside the spine: with the ruler, every visible level and the other places for L3;
 * of an answer that could not be counted, its candidates until one is marked.
 *
 * A proposal beside the mark is always drawn.
 */
export function levelScene(
  finding: Answered,
  { ruler, shift, markZMm, proposal }: SceneOptions,
): readonly SceneLine[] {
  if (proposal) {
    const others = levelScene(finding, { ruler, shift, markZMm, proposal: null });
    return [
      ...others.filter(({ point }) => !isSame(point[2], proposal.pointLpsMm[2])),
      lineOf(proposal),
    ];
  }
  if (finding.status === 'undetermined') {
    if (markZMm !== null && !ruler) return [];
    return finding.alternatives.map(({ pointLpsMm }, index) => ({
      key: `candidate-${index}`,
      label: `L3? (${index + 1})`,
      kind: 'ghost',
      point: pointLpsMm,
    }));
  }
  if (!ruler) return [];
  const levels = shiftedLevels(finding, shift).filter(
    ({ name, zMm }) =>
      LEVEL_NAMES.indexOf(name) >= RULER_TOP &&
      !(name === 'L3' && markZMm !== null && isSame(markZMm, zMm)),
  );
  const ghosts = finding.alternatives.filter(
    ({ zMm }) => markZMm === null || !isSame(markZMm, zMm),
  );
  const doubt = (zMm: number) => {
    const ghost = ghosts.find((other) => isSame(other.zMm, zMm));
    return ghost ? ` · L3? ${percent(ghost.probability)}` : '';
  };
  return [
    ...levels.map(({ name, pointLpsMm, zMm }): SceneLine => ({
      key: `ruler-${name}`,
      label: `${name}${doubt(zMm)}`,
      kind: 'ruler',
      point: pointLpsMm,
    })),
    ...ghosts.map(({ pointLpsMm, zMm, probability }, index): SceneLine => ({
      key: `ghost-${index}`,
      label: levels.some((level) => isSame(level.zMm, zMm)) ? '' : `L3? ${percent(probability)}`,
      kind: 'ghost',
      point: pointLpsMm,
    })),
  ];
}

function lineOf({ pointLpsMm: point, probability }: Proposal): SceneLine {
  return { key: 'proposal', label: `L3? ${percent(probability)}`, kind: 'ghost', point };
}

function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) < SAME_VERTEBRA_MM;
}
