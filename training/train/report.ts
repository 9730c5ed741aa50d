import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { Canvas, textWidth, type Colour } from '../../src/picture/canvas';
import { STRIDE } from '../network/maps';
import type { RunFiles } from '../tools/paths';
import type { GroupSummary } from '../batches/batchWorker';
import { drawCurves } from '../tools/curves';
import type { TrainOptions } from './options';
import { bestOf, type JudgedCrop, type ValidationPoint } from './validation';

const TRUTH: Colour = [60, 230, 90];
const ANSWER: Colour = [255, 70, 60];
const TEXT: Colour = [230, 230, 230];
const BLACK: Colour = [0, 0, 0];
/** Crops in each picture. */
const SHOWN = 8;

export interface RunSummary {
  readonly name: string;
  readonly options: TrainOptions;
  readonly step: number;
  /** Why it ended, a sentence. */
  readonly ended: string;
  readonly computedOn: string;
  readonly groups: readonly GroupSummary[];
  readonly validation: readonly ValidationPoint[];
  /** What the last validation made of each crop that shows L3. */
  readonly crops: readonly JudgedCrop[];
}

/** Writes `report.md` with its curves and pictures into the run's folder. */
export function writeReport(files: RunFiles, run: RunSummary): void {
  const write = (name: string, content: string | Uint8Array) =>
    writeFileSync(join(files.folder, name), content);
  const log = readLog(files.log);
  write('loss.png', drawCurves('loss by step', lossCurves(log, run.validation)));
  const found = run.validation.flatMap(({ step, found }) =>
    found === null ? [] : [[step, 100 * found] as const],
  );
  if (found.length > 0) {
    const curve = { name: 'found within 15 mm', colour: [30, 110, 220] as const, points: found };
    write('found.png', drawCurves('validation: L3 found, %', [curve]));
  }
  const byError = [...run.crops].sort((a, b) => a.errorMm - b.errorMm || b.response - a.response);
  if (byError.length > 0) {
    write('best.png', drawCrops(byError.slice(0, SHOWN), run.options));
    write('worst.png', drawCrops(byError.slice(-SHOWN).reverse(), run.options));
  }
  write('report.md', reportText(run, log, found.length > 0));
}

interface LogLine {
  readonly step: number;
  readonly loss: number;
  readonly seconds: number;
  /** Seconds of these until the batch was there. */
  readonly waited: number;
}

function readLog(file: string): LogLine[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => {
      const [step = NaN, loss = NaN, , , seconds = NaN, waited = 0] = line.split(',').map(Number);
      return { step, loss, seconds, waited };
    });
}

function lossCurves(log: readonly LogLine[], validation: readonly ValidationPoint[]) {
  const window = Math.max(1, Math.floor(log.length / 100));
  const smooth = Array.from({ length: Math.floor(log.length / window) }, (_, i) => {
    const part = log.slice(i * window, (i + 1) * window);
    const mean = part.reduce((sum, { loss }) => sum + loss, 0) / part.length;
    return [part[part.length - 1]!.step, mean] as const;
  });
  const name = window === 1 ? 'training' : `training, mean of ${window}`;
  return [
    { name, colour: [200, 120, 20] as const, points: smooth },
    {
      name: 'validation',
      colour: [30, 110, 220] as const,
      points: validation.map(({ step, loss }) => [step, loss] as const),
    },
  ].filter(({ points }) => points.length > 0);
}

function reportText(run: RunSummary, log: readonly LogLine[], hasFound: boolean): string {
  const { options, validation } = run;
  const best = bestOf(validation);
  const seconds = log.reduce((sum, line) => sum + line.seconds, 0);
  const waited = log.reduce((sum, line) => sum + line.waited, 0);
  const percent = (share: number | null) =>
    share === null ? '-' : `${(100 * share).toFixed(0)} %`;
  return [
    `# Run ${run.name}`,
    '',
    `Step ${run.step} of ${options.steps}. ${run.ended}`,
    `Computed on ${run.computedOn}; ${(seconds / Math.max(1, log.length)).toFixed(2)} s a step, ${percent(waited / seconds)} of it waiting for pictures.`,
    '',
    '![Loss](loss.png)',
    '',
    '## Validation',
    '',
    ...(best === null
      ? ['None: no persons were kept for it (`--validation 0.1` keeps a tenth of them).']
      : [
          'Crops of persons kept out of training, the same each time, seen by the averaged weights. "Found": the highest',
          'response of the L3 map is within 15 mm of L3. That is not the answer of the viewer, which decodes the whole chain',
          'of levels: `evaluate` measures that.',
          '',
          '| step | loss | found |',
          '| --- | --- | --- |',
          ...validation.map(
            (point) =>
              `| ${point.step}${point === best ? ' (best)' : ''} | ${point.loss.toFixed(4)} | ${percent(point.found)} |`,
          ),
          '',
          ...(hasFound ? ['![Found](found.png)', ''] : []),
          ...(run.crops.length > 0
            ? [
                'Best and worst crops of the last validation; truth green, answer red:',
                '',
                '![Best](best.png)',
                '',
                '![Worst](worst.png)',
              ]
            : []),
        ]),
    '',
    '## Items',
    '',
    '| class | weight | persons | items | sets |',
    '| --- | --- | --- | --- | --- |',
    ...run.groups.map(
      ({ selector, weight, persons, items, sets }) =>
        `| ${selector} | ${weight} | ${persons} | ${items} | ${sets.join(', ')} |`,
    ),
    '',
    '## Options',
    '',
    '```json',
    JSON.stringify(options, null, 2),
    '```',
    '',
  ].join('\n');
}

/** The first plane of each crop beside each other, with the rows of truth and answer. */
function drawCrops(
  crops: readonly JudgedCrop[],
  { height, width, channels }: TrainOptions,
): Uint8Array {
  const caption = 22;
  const cell = Math.max(width, 90) + 4;
  const canvas = new Canvas(cell * crops.length, height + caption, BLACK);
  crops.forEach(({ batch, index, truthRow, answerRow, response, errorMm }, i) => {
    const left = i * cell;
    const [, name] = /([^/]*)$/.exec(batch.items[index]!)!;
    canvas.text(left + 1, 1, name!.slice(-Math.floor(cell / textWidth('x'))), TEXT);
    canvas.text(left + 1, 11, `${errorMm} mm p ${response.toFixed(2)}`, TEXT);
    const at = index * height * width * channels.length;
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const value = batch.input[at + (row * width + column) * channels.length]!;
        const grey = Math.round(255 * Math.min(1, Math.max(0, value)));
        canvas.set(left + column, caption + row, [grey, grey, grey]);
      }
    }
    canvas.horizontal(left, left + width - 1, caption + STRIDE * truthRow, TRUTH);
    canvas.horizontal(left, left + width - 1, caption + STRIDE * answerRow + 1, ANSWER, 3);
  });
  const { data } = canvas;
  return encode({ width: canvas.width, height: canvas.height, data, channels: 3, depth: 8 });
}
