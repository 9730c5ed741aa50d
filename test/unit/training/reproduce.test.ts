import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { stagesOf } from '../../../training/reproduce/command';
import { applyConfig } from '../../../training/train/config';
import { register } from '../../../training/train/command';

const RECIPE = 'training/recipes/l3-unet3plus.json';
const options = { recipe: RECIPE, name: 'again' };
const verbs = (state: 'none' | 'stopped' | 'finished') =>
  stagesOf(options, state).map(([verb]) => verb);

describe('reproducing the shipped model', () => {
  it('goes from scans to an evaluated package', () => {
    expect(verbs('none')).toEqual(['setup', 'prepare', 'train', 'export', 'evaluate']);
    const [, , train, exported, evaluated] = stagesOf(options, 'none');
    expect(train).toEqual(['train', '--name', 'again', '--config', RECIPE]);
    const into = exported![exported!.indexOf('--into') + 1]!;
    expect(evaluated![evaluated!.indexOf('--model') + 1]).toBe(`${into}/l3-unet3plus`);
  });

  it('goes on where it was stopped, and trains a finished run no more', () => {
    expect(stagesOf(options, 'stopped')[0]).toEqual(['train', '--name', 'again', '--resume']);
    expect(verbs('stopped')).toEqual(['train', 'export', 'evaluate']);
    expect(verbs('finished')).toEqual(['export', 'evaluate']);
  });

  it('never puts the package in the place of the shipped one', () => {
    for (const state of ['none', 'stopped', 'finished'] as const) {
      const exported = stagesOf(options, state).find(([verb]) => verb === 'export')!;
      expect(exported[exported.indexOf('--into') + 1]).toMatch(/training\/work\/models$/);
    }
  });

  it('has a recipe that train takes: from random weights, with spines made on the way', () => {
    const program = new Command();
    register(program);
    const train = program.commands.find((each) => each.name() === 'train')!;
    applyConfig(train, RECIPE);
    const recipe = JSON.parse(readFileSync(RECIPE, 'utf8')) as Record<string, unknown>;
    expect(Object.keys(recipe)).not.toContain('startFrom');
    expect(train.opts()).toMatchObject({ ...recipe, channels: ['max', 'mean', 'lateral'] });
    expect(train.opts().synthesize).toBeGreaterThan(0);
  });
});
