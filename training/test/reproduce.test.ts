import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { recipeRuns, stagesOf, type RunState } from '../reproduce/command';
import { register } from '../train/command';
import { applyConfig } from '../train/config';

const RECIPE = join(import.meta.dirname, '..', 'recipes', 'l3-unet3plus');
const runs = recipeRuns({ recipe: RECIPE, name: 'again' });
const stages = (...states: RunState[]) =>
  stagesOf(states.map((state, i) => ({ name: `again-${i + 1}`, config: `${i + 1}.json`, state })));
const after = (stage: readonly string[], option: string) => stage[stage.indexOf(option) + 1];

describe('reproducing the shipped model', () => {
  it('goes from scans to an evaluated package, each run from the last one', () => {
    const [setup, prepare, first, second, exported, evaluated] = stages('none', 'none');
    expect([setup, prepare]).toEqual([['setup'], ['prepare']]);
    expect(first).toEqual(['train', '--name', 'again-1', '--config', '1.json']);
    expect(second).toEqual([
      'train',
      '--name',
      'again-2',
      '--start-from',
      'again-1',
      '--config',
      '2.json',
    ]);
    expect(exported!.slice(0, 3)).toEqual(['export', '--name', 'again-2']);
    expect(after(evaluated!, '--model')).toBe(`${after(exported!, '--into')}/l3-unet3plus`);
  });

  it('goes on where it was stopped, and trains a finished run no more', () => {
    const verbs = (...states: RunState[]) => stages(...states).map((stage) => stage.join(' '));
    expect(verbs('stopped', 'none').slice(0, 2)).toEqual([
      'train --name again-1 --resume',
      'train --name again-2 --start-from again-1 --config 2.json',
    ]);
    expect(verbs('finished', 'stopped')[0]).toBe('train --name again-2 --resume');
    expect(stages('finished', 'finished').map(([verb]) => verb)).toEqual(['export', 'evaluate']);
  });

  it('never puts the package in the place of the shipped one', () => {
    for (const state of ['none', 'stopped', 'finished'] as const) {
      const exported = stages(state).find(([verb]) => verb === 'export')!;
      expect(after(exported, '--into')).toMatch(/training\/work\/models$/);
    }
  });

  it('has a recipe of files that train takes, with spines made on the way', () => {
    expect(runs.length).toBeGreaterThan(0);
    for (const { config } of runs) {
      const program = new Command();
      register(program);
      const train = program.commands.find((each) => each.name() === 'train')!;
      applyConfig(train, config);
      const recipe = JSON.parse(readFileSync(config, 'utf8')) as Record<string, unknown>;
      expect(Object.keys(recipe)).not.toContain('startFrom');
      expect(train.opts()).toMatchObject({ ...recipe, channels: ['max', 'mean', 'lateral'] });
      expect(train.opts().synthesize).toBeGreaterThan(0);
    }
  });

  it('says that a folder is no recipe', () => {
    expect(() => recipeRuns({ recipe: 'docs', name: 'again' })).toThrow(
      /docs is no folder with a recipe/,
    );
  });
});
