import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { recipeChains, stagesOf } from '../reproduce/command';
import { foldTable, readFolds, stagesOfFold } from '../reproduce/folds';
import type { RunState } from '../reproduce/stages';
import { register } from '../train/command';
import { applyConfig } from '../train/config';

const RECIPE = join(import.meta.dirname, '..', 'recipes', 'l3-unet3plus');
const runs = recipeChains({ recipe: RECIPE, name: 'again' }).flat();
const chain = (name: string, ...states: RunState[]) =>
  states.map((state, i) => ({ name: `${name}-${i + 1}`, config: `${i + 1}.json`, state }));
const stages = (...states: RunState[]) => stagesOf([chain('again', ...states)]);
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

  it('packs the networks of several recipes as a committee, and evaluates that', () => {
    const all = stagesOf([chain('a', 'finished'), chain('b', 'none', 'none')]);
    expect(all.map(([verb]) => verb)).toEqual([
      ...['train', 'train', 'export', 'export', 'committee', 'evaluate'],
    ]);
    const [committee, evaluated] = all.slice(-2);
    const models = after(committee!, '--into')!;
    expect(committee!.slice(2, 4)).toEqual([`${models}/a-1`, `${models}/b-2`]);
    expect(after(evaluated!, '--model')).toBe(`${models}/${after(committee!, '--model')}`);
    expect(all.filter(([verb]) => verb === 'export').map((each) => after(each, '--model'))).toEqual(
      ['a-1', 'b-2'],
    );
  });

  it('reads the members of a committee from the recipes beside it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'recipes-'));
    for (const name of ['one', 'two', 'both']) mkdirSync(join(folder, name));
    for (const name of ['one', 'two']) writeFileSync(join(folder, name, '1.json'), '{}');
    const both = { recipe: join(folder, 'both'), name: 'x' };
    const list = (members: readonly string[]) =>
      writeFileSync(join(folder, 'both', 'members.json'), JSON.stringify(members));
    list(['one', 'two']);
    expect(recipeChains(both)).toEqual([
      [{ name: 'x-one-1', config: join(folder, 'one', '1.json') }],
      [{ name: 'x-two-1', config: join(folder, 'two', '1.json') }],
    ]);
    list(['one', 'three']);
    expect(() => recipeChains(both)).toThrow(/three is no folder with a recipe/);
    list(['one']);
    expect(() => recipeChains(both)).toThrow(/two recipes or more/);
    rmSync(folder, { recursive: true });
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
    expect(() => recipeChains({ recipe: 'docs', name: 'again' })).toThrow(
      /docs is no folder with a recipe/,
    );
  });
});

describe('folds', () => {
  const NEXT = join(import.meta.dirname, '..', 'recipes', 'next');
  const folds = readFolds(join(NEXT, 'folds.json'));
  const given = { name: 'f', config: 'c.json', steps: 9, cases: ['x.json'], split: 's.json' };

  it('are trained without their persons, asked about them alone, and gone on with', () => {
    const [train, packed, judged] = stagesOfFold(folds[0]!, given, 'none');
    expect(train!.slice(-folds[0]!.holdOut.length - 1)).toEqual([
      '--hold-out',
      ...folds[0]!.holdOut,
    ]);
    expect(packed!.slice(0, 3)).toEqual(['export', '--name', 'f-a']);
    const of = judged!.indexOf('--of') + 1;
    expect(judged!.slice(of, of + folds[0]!.holdOut.length)).toEqual(folds[0]!.holdOut);
    expect(stagesOfFold(folds[0]!, given, 'stopped')[0]).toContain('--resume');
    expect(stagesOfFold(folds[0]!, given, 'finished')[0]![0]).toBe('export');
  });

  it('are one table', () => {
    const of = (set: string, verdict: string) => ({
      ...{ id: 'x', set, modality: 'MR', role: 'train', verdict, errorMm: null, probability: null },
    });
    const table = foldTable([
      { name: 'a', outcomes: [of('s', 'right'), of('s', 'missed')] },
      { name: 'b', outcomes: [of('t', 'false-answer')] },
    ]);
    expect(table).toContain('| a: s | 2 | 1 | 0 | 1 | 0 | 0 | 0 |');
    expect(table).toContain('| **all** | 3 | 1 | 0 | 1 | 0 | 1 | 0 |');
  });

  it('of the next model leave the knee out, and nobody twice; its recipe is one that train takes', () => {
    expect(folds.filter(({ holdOut }) => holdOut.includes('pymskt-1'))).toHaveLength(1);
    const [[run]] = recipeChains({ recipe: NEXT, name: 'next' });
    const program = new Command();
    register(program);
    const train = program.commands.find((each) => each.name() === 'train')!;
    applyConfig(train, run!.config);
    expect(train.opts()).toMatchObject({ negatives: 0.12, mix: { 'no-spine/painted': 5 } });
    const data = { cases: ['a.json'], split: 's.json' };
    expect(stagesOf([[{ ...run!, state: 'none' }]], data)[1]).toEqual([
      ...['prepare', '--cases', 'a.json', '--split', 's.json'],
    ]);
  });
});
