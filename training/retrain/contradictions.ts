import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LevelModel } from '../../src/model/types';
import { GREEN, RED, contactSheet, type SheetMark } from '../items/contactSheet';
import type { TrainingItem } from '../items/item';
import { print } from '../tools/print';
import { scoreItems, type ScoredCase } from './score';

/** From this probability on an answer is confident. */
const CONFIDENT = 0.9;

/** A case in which a person says something else than the model, which is sure. */
export interface Contradiction {
  readonly id: string;
  readonly person: string;
  /** Row of L3 by the person; null where there is none. */
  readonly saidRow: number | null;
  /** Row of L3 by the model. */
  readonly foundRow: number;
  readonly probability: number;
}

/**
 * Cases that contradict a confident answer of the model that is to learn from them: either it is wrong there, which
 * is what they are for, or a person was.
 *
 * @param items one view of each case
 */
export async function contradictionsIn(
  model: LevelModel,
  items: readonly TrainingItem[],
): Promise<Contradiction[]> {
  const { cases } = await scoreItems(model, items, true);
  return cases.flatMap(({ verdict, answer }: ScoredCase, i): Contradiction[] => {
    const wrong = verdict === 'wrong-level' || verdict === 'false-answer';
    if (!wrong || !answer || answer.probability < CONFIDENT) return [];
    const { id, person, levels } = items[i]!;
    const saidRow = levels.find(({ name }) => name === 'L3')?.row ?? null;
    return [{ id, person, saidRow, foundRow: answer.row, probability: answer.probability }];
  });
}

/** Lists them on the screen, and draws them into `contradictions.png`: a person's word green, the model's red. */
export function showContradictions(
  folder: string,
  contradictions: readonly Contradiction[],
  items: readonly TrainingItem[],
): void {
  if (contradictions.length === 0) return;
  const picture = join(folder, 'contradictions.png');
  const panels = contradictions.map(({ id, saidRow, foundRow, probability }) => {
    const { height, width, mean } = items.find((item) => item.id === id)!;
    const said: SheetMark[] =
      saidRow === null ? [] : [{ row: saidRow, column: null, label: 'L3', colour: GREEN }];
    const found = { row: foundRow, column: null, label: '', colour: RED };
    return {
      ...{ title: `${id} ${probability.toFixed(2)}`, height, width, plane: mean },
      marks: [...said, found],
    };
  });
  writeFileSync(picture, contactSheet(panels));
  print(
    `${contradictions.length} of your cases contradict an answer of the model that is sure (${CONFIDENT} and above). Where the person is wrong, take the case out and start again: ${picture}`,
  );
  for (const { id, saidRow, foundRow, probability } of contradictions) {
    const said = saidRow === null ? 'L3 is not in view' : `L3 in row ${saidRow.toFixed(0)}`;
    print(`  ${id}: ${said}; the model: row ${foundRow.toFixed(0)} (${probability.toFixed(2)})`);
  }
}
