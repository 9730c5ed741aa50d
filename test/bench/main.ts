import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { cpus } from 'node:os';
import { Command } from 'commander';
import { benchBatch } from './batch';
import { benchHostile } from './hostile';
import { benchModel } from './model';
import { benchProjection } from './projection';
import { benchTrain } from './train';
import { benchViewer } from './viewer';

/** One line of the report; figures of one run can be compared, figures of two machines cannot. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
}

const PARTS = {
  projection: benchProjection,
  model: benchModel,
  batch: benchBatch,
  viewer: benchViewer,
  train: benchTrain,
  hostile: benchHostile,
} as const;

const program = new Command('bench')
  .description(
    'measure projection, model, download, batch, click-to-jump, training and the cost of hostile files; prints a table and writes JSON',
  )
  .argument('[part...]', `parts to run: ${Object.keys(PARTS).join(', ')} (default: all)`)
  .option('--out <file>', 'JSON report', 'test-output/bench.json')
  .parse();
const parts = program.args.length > 0 ? program.args : Object.keys(PARTS);
const unknown = parts.filter((part) => !(part in PARTS));
if (unknown.length > 0) program.error(`No such part: ${unknown.join(', ')}`);

let running: string | null = null;
// Node ends without a word when all that is left to do is to wait for what nobody will send.
process.on('exit', () => {
  if (running === null) return;
  console.error(
    `The benchmark ended in the middle of "${running}", before its figures were there.`,
  );
  process.exitCode ||= 1;
});

const figures: Record<string, readonly Figure[]> = {};
for (const part of parts) {
  running = part;
  figures[part] = await PARTS[part as keyof typeof PARTS]();
  console.log(`\n${part}`);
  for (const { what, value, unit } of figures[part]) {
    console.log(`  ${what.padEnd(64)} ${value.toPrecision(4).padStart(10)} ${unit}`);
  }
}
running = null;
const { out } = program.opts<{ out: string }>();
await mkdir(dirname(out), { recursive: true });
const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
await writeFile(out, `${JSON.stringify({ machine, figures }, null, 2)}\n`);
console.log(`\nWritten to ${out}`);
