import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { backendsToTry } from '../tools/backends';
import { register } from '../train/command';
import { applyConfig } from '../train/config';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const file = (content: unknown): string => {
  const path = join(folder, 'run.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

/** Options of `train` for a command line and a file. */
function resolved(content: unknown, ...args: string[]): Record<string, unknown> {
  const program = new Command();
  register(program);
  const train = program.commands.find((each) => each.name() === 'train')!;
  let options: Record<string, unknown> = {};
  train.action(() => {
    applyConfig(train, file(content));
    options = train.opts();
  });
  program.parse(['node', 'train', 'train', '--name', 'x', ...args]);
  return options;
}

describe('options from a file', () => {
  it('are those of the command line, as JSON writes them', () => {
    const options = resolved({
      steps: 300,
      learningRate: 0.002,
      mix: { mr: 20, 'ct/verse': 5.5 },
      channels: ['max', 'mean', 'mix'],
      levelsOnly: 'L3',
      holdOut: ['zukic'],
      deepSupervision: false,
      validation: 0.1,
      backend: 'node',
    });
    expect(options).toMatchObject({
      steps: 300,
      learningRate: 0.002,
      mix: { mr: 20, 'ct/verse': 5.5 },
      channels: ['max', 'mean', 'mix'],
      levelsOnly: ['L3'],
      holdOut: ['zukic'],
      deepSupervision: false,
      classification: true,
      validation: 0.1,
      backend: 'node',
      batch: 16,
    });
  });

  it('give way to the command line', () => {
    const given = { steps: 300, seed: 5, classification: true };
    const options = resolved(given, '--steps', '20', '--no-classification');
    expect(options).toMatchObject({ steps: 20, seed: 5, classification: false });
  });

  it.each([
    [{ step: 300, l2: 1 }, /run.json: "step", "l2" is not known; known are .*learningRate/],
    [{ name: 'other' }, /"name" is not known/],
    [{ steps: 0 }, /run.json: "steps" cannot be 0. A whole number from 1 on is needed/],
    [{ steps: true }, /"steps" cannot be true/],
    [{ deepSupervision: 'no' }, /"deepSupervision" cannot be "no". It must be true or false/],
    [{ channels: ['max', 'min'] }, /"channels" cannot be .*"min" is not one of max, mean/],
    [{ channels: ['max', 'max'] }, /"max" is not one of .* each once/],
    [{ mix: { pet: 3 } }, /"mix" cannot be .*"pet=3" is not of the form/],
    [{ holdOut: 'zukic' }, /"holdOut" cannot be "zukic". It must be a list/],
    [{ backend: 'cuda' }, /"backend" cannot be "cuda". It must be one of auto, gpu, node, wasm/],
    ['{', /run.json is not a readable JSON file/],
    [[], /run.json: its content must be an object; it is \[\]/],
  ])('%j are refused', (content, message) => {
    expect(() => resolved(content)).toThrow(message);
  });
});

describe('what computes', () => {
  const there = () => true;

  it('is the GPU where there is one and its library, else the CPU, at worst WebAssembly', () => {
    expect(backendsToTry({}, there)).toEqual(['gpu', 'node', 'wasm']);
    expect(backendsToTry({}, () => false)).toEqual(['node', 'wasm']);
    const noDriver = (path: string) => !path.startsWith('/proc');
    expect(backendsToTry({}, noDriver)).toEqual(['node', 'wasm']);
  });

  it('is what was asked for, and nothing else', () => {
    expect(backendsToTry({ FIND_L3_TRAIN_BACKEND: 'wasm' }, there)).toEqual(['wasm']);
    expect(() => backendsToTry({ FIND_L3_TRAIN_BACKEND: 'cuda' }, there)).toThrow(
      /must be one of auto, gpu, node, wasm, not "cuda"/,
    );
  });
});
