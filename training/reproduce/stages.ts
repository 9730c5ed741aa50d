import { existsSync } from 'node:fs';
import { noted, runFiles } from '../tools/paths';
import { print } from '../tools/print';
import { runSubcommand } from '../tools/subcommand';

/** One command line of this program. */
export type Stage = readonly string[];

/** How far a run is. */
export type RunState = 'none' | 'stopped' | 'finished';

export async function stateOf(name: string): Promise<RunState> {
  const { checkpoint } = runFiles(name);
  if (!existsSync(checkpoint)) return 'none';
  const { readCheckpoint } = await import('../train/checkpoint');
  const { isOver } = await import('../train/validation');
  const { step, options, validation } = readCheckpoint(checkpoint);
  return step >= options.steps || isOver(validation, options.patience) ? 'finished' : 'stopped';
}

/**
 * Runs command lines one after the other.
 *
 * @throws Error when one fails or training is stopped; repeated, the whole goes on from there
 */
export async function runStages(stages: readonly Stage[]): Promise<void> {
  for (const stage of stages) {
    print(`\n== npm run train -- ${stage.map(shown).join(' ')}`);
    const status = await runSubcommand(stage);
    if (status !== 0) {
      throw new Error(
        `"${stage[0]!}" ended with status ${status}. Mend what it says and repeat this command: it goes on from there.`,
      );
    }
    if (stage[0] === 'train' && (await stateOf(stage[2]!)) !== 'finished') {
      throw new Error('Training was stopped. Repeat this command to go on.');
    }
  }
}

const shown = (word: string): string => (word.includes('/') ? noted(word) : word);
