import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { Canvas, textWidth, type Colour } from '../../src/picture/canvas';
import { STRIDE } from '../network/maps';
import type { RunFiles } from '../tools/paths';
import type { GroupSummary } from '../batches/batchWorker';
import { drawCurves, type Curve, type Panel } from '../tools/curves';
import type { TrainOptions } from './options';
import { bestOf, type Answers, type JudgedCrop, type ValidationPoint } from './validation';

const TRUTH: Colour = [60, 230, 90];
const ANSWER: Colour = [255, 70, 60];
const TEXT: Colour = [230, 230, 230];
const BLACK: Colour = [0, 0, 0];
const [ORANGE, BLUE, GREEN, RED, GREY] = ['#c87814', '#1e6edc', '#28a046', '#d23c32', '#777777'];
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
  write('training.svg', drawCurves(trainingPanels(log, run.validation)));
  const panels = validationPanels(run.validation);
  if (panels.length > 0) write('validation.svg', drawCurves(panels));
  const byError = [...run.crops].sort((a, b) => a.errorMm - b.errorMm || b.response - a.response);
  if (byError.length > 0) {
    write('best.png', drawCrops(byError.slice(0, SHOWN), run.options));
    write('worst.png', drawCrops(byError.slice(-SHOWN).reverse(), run.options));
  }
  write('report.md', reportText(run, log));
}

interface LogLine {
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
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
      const [step = NaN, loss = NaN, , learningRate = NaN, seconds = NaN, waited = 0] = line
        .split(',')
        .map(Number);
      return { step, loss, learningRate, seconds, waited };
    });
}

function trainingPanels(log: readonly LogLine[], validation: readonly ValidationPoint[]): Panel[] {
  const loss: Curve[] = [
    {
      ...{ name: 'training (each step, mean)', colour: ORANGE, smoothed: true },
      points: log.map(({ step, loss }) => [step, loss]),
    },
    {
      ...{ name: 'validation', colour: BLUE },
      points: validation.map(({ step, loss }) => [step, loss]),
    },
  ];
  const rate: Curve = {
    ...{ name: 'learning rate', colour: GREY },
    points: log.map(({ step, learningRate }) => [step, learningRate]),
  };
  return [
    { title: 'Loss by step', curves: loss.filter(({ points }) => points.length > 0) },
    { title: 'Learning rate by step', curves: [rate] },
  ];
}

/** Right, wrong and abstained, and millimetres; none without validation. */
function validationPanels(validation: readonly ValidationPoint[]): Panel[] {
  const judged = validation.flatMap(({ step, answers }) => (answers ? [{ step, answers }] : []));
  if (judged.length === 0) return [];
  const curve = (name: 'right' | 'wrong' | 'abstained', colour: string): Curve => ({
    ...{ name, colour },
    points: judged.map(({ step, answers }) => [
      step,
      (100 * answers[name]) / (answers.right + answers.wrong + answers.abstained || 1),
    ]),
  });
  const mm = judged.flatMap(({ step, answers: { medianMm } }) =>
    medianMm === null ? [] : [[step, medianMm] as const],
  );
  const answers = [curve('right', GREEN), curve('wrong', RED), curve('abstained', GREY)];
  return [
    { title: 'Validation: answers, %', curves: answers },
    ...(mm.length > 0
      ? [
          {
            title: 'Validation: error of right answers, mm',
            curves: [{ name: 'median', colour: BLUE, points: mm }],
          },
        ]
      : []),
  ];
}

function reportText(run: RunSummary, log: readonly LogLine[]): string {
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
    '![Loss and learning rate](training.svg)',
    '',
    '## Validation',
    '',
    ...(best === null
      ? ['None: no persons were kept for it (`--validation 0.1` keeps a tenth of them).']
      : [
          'Crops of persons kept out of training, the same each time, seen by the averaged weights. Right, wrong and',
          "abstained: what the viewer's decoding answers with thresholds that nobody has fitted. Wrong is another place than",
          'L3 within 15 mm, or any where L3 is not in view. "Found": the highest response of the L3 map alone is within',
          '15 mm. `evaluate` measures whole scans.',
          '',
          '| step | loss | right | wrong | abstained | median mm | found |',
          '| --- | --- | --- | --- | --- | --- | --- |',
          ...validation.map(
            (point) =>
              `| ${point.step}${point === best ? ' (best)' : ''} | ${point.loss.toFixed(4)} | ${cellsOf(point.answers)} | ${percent(point.found)} |`,
          ),
          '',
          '![Answers](validation.svg)',
        ]),
    '',
    ...(run.crops.length > 0
      ? [
          '## Crops',
          '',
          `Best and worst crops of the last ${best === null ? 'step, which were trained on' : 'validation'}. Green line: L3. Red line: the highest response of its map, with its distance`,
          'and the response.',
          '',
          '![Best](best.png)',
          '',
          '![Worst](worst.png)',
          '',
        ]
      : []),
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

const cellsOf = (answers: Answers | undefined): string =>
  answers
    ? `${answers.right} | ${answers.wrong} | ${answers.abstained} | ${answers.medianMm?.toFixed(1) ?? '-'}`
    : '- | - | - | -';

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
