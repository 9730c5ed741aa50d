import { levelsOf } from '../finder/levelsOf';
import type { Answered } from '../finder/types';
import { percent } from '../reasons/percent';
import { say } from '../text/say';
import { shiftedLevels } from '../viewer/mark/spine';
import type { MarkingState, Shown } from '../viewer/state';
import type { PictureLine } from './LevelLines';
import { whyText } from './text';

type Run = (command: string, options?: Readonly<Record<string, unknown>>) => void;

/** A mark and a level of the answer that lie closer are one line, mm. */
const SAME_LINE_MM = 2;
/** A mark and a level that lie closer are the same vertebra, mm. */
const SAME_VERTEBRA_MM = 12;

/** What the lines of a picture are drawn from. */
export interface Drawn {
  readonly finding: Answered;
  readonly shown: Shown | null;
  readonly marking: MarkingState;
  readonly run: Run;
}

export function candidateLabel(index: number): string {
  return String(index + 1);
}

/**
 * The lines of an answer: its levels under the names that they have with the mark; where L3 could not be
 * named, the places for it until one is marked.
 */
export function pictureLines(drawn: Drawn): readonly PictureLine[] {
  const { finding, marking } = drawn;
  const isNamed = finding.status === 'found' || marking.mark !== null;
  return isNamed ? levelLines(drawn) : candidateLines(drawn);
}

function levelLines({ finding, shown, marking, run }: Drawn): PictureLine[] {
  const { mark, proposal } = marking;
  const shift = mark?.shift ?? 0;
  const found = levelsOf(finding);
  const l3 = shiftedLevels(finding, shift).find(({ name }) => name === 'L3');
  const isElsewhere = mark !== null && Math.abs(mark.zMm - (l3?.zMm ?? Infinity)) > SAME_LINE_MM;
  const ownLine: PictureLine[] =
    mark && isElsewhere
      ? [
          {
            key: 'mark',
            zMm: mark.zMm,
            kind: 'l3',
            label: mark.label,
            title: say('keep.show', { label: mark.label }),
            isShown: shown?.isMark,
            onChoose: () => run('showLevelMark', { annotationUID: mark.annotationUID }),
          },
        ]
      : [];
  const levels = shiftedLevels(finding, shift).map(({ name, zMm, probability }): PictureLine => {
    // What was found keeps its own name as a command, whatever a person calls it now.
    const level = found.find((other) => other.zMm === zMm)?.name ?? name;
    const key = level === name ? 'picture.show' : 'picture.showFoundAs';
    const isProposed = level === 'L3' && proposal !== null;
    const isL3 = name === 'L3' && !isProposed;
    // Only one line is named at a vertebra, and only one L3: the mark's, wherever a person has it.
    const isMarks = mark !== null && Math.abs(mark.zMm - zMm) < SAME_VERTEBRA_MM;
    if (isElsewhere && !isProposed && (isL3 || isMarks)) return { key: level, zMm, kind: 'level' };
    return {
      key: level,
      zMm,
      kind: isProposed ? 'candidate' : name === 'L3' ? 'l3' : 'level',
      label: isProposed ? 'L3?' : name,
      title: say(key, { name, percent: percent(probability), level }),
      isShown: shown?.level === level,
      onChoose: () => run('jumpToLevel', { level }),
    };
  });
  return [...levels, ...ownLine];
}

/** Where the level cannot be named, the picture names none: only the candidates are drawn. */
function candidateLines({ finding, shown, run }: Drawn): PictureLine[] {
  return finding.alternatives.map((alternative, index) => ({
    key: `candidate-${index}`,
    zMm: alternative.zMm,
    kind: 'candidate',
    label: candidateLabel(index),
    title: say('picture.showCandidate', {
      name: candidateLabel(index),
      why: whyText(alternative),
    }),
    isShown: shown?.alternative === index,
    onChoose: () => run('showAlternative', { index }),
  }));
}
