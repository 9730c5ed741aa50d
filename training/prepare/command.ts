import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, freemem } from 'node:os';
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import { InvalidArgumentError, type Command } from 'commander';
import { DEFAULT_MODEL, noted } from '../tools/paths';
import { printAside } from '../tools/print';
import { CREDENTIALS } from '../../src/dicomweb/credentials';
import { CaseCache, fingerprintOf, RECIPE, type CaseRecord } from './caseCache';
import type { CaseJob, WorkerSetup } from './caseWorker';
import { GREEN, contactSheet, type SheetPanel } from '../items/contactSheet';
import type { TrainingItem } from '../items/item';
import { writeItems } from '../items/itemStore';
import { WorkerPool } from '../tools/workerPool';
import { withScratch } from './scratch';
import { SOURCES } from './sources/index';
import type { SourceCase, SourceOptions } from './sources/source';
import { readSplit, sharedPersons, splitByPerson, splitOf, type Split } from '../items/splits';

/** Its command line. */
export interface PrepareOptions {
  readonly cases: readonly string[];
  readonly source?: readonly string[];
  readonly split?: string;
  readonly holdOutShare: number;
  readonly heldOut?: boolean;
  readonly columnsFrom: string;
  readonly credentials?: string;
  readonly salt?: string;
  readonly out: string;
  readonly sheets?: string;
  readonly workers?: number;
}

const SHARED_SPLIT = 'training/items/splits/shared.json';
/** A scan, its voxels as read and as resampled: what a worker may need at once. */
const BYTES_A_WORKER = 2 * 2 ** 30;
/** The environment variable that may hold the salt of the pseudonyms. */
const SALT = 'FIND_L3_SALT';
const PANELS_A_SHEET = 64;

/** Adds `prepare` to the training program. */
export function register(program: Command): void {
  const kinds = Object.entries(SOURCES).map(([name, { describe }]) => `  ${name}: ${describe}`);
  program
    .command('prepare')
    .description('make training items from labelled scans, by the split')
    .option('--cases <json...>', 'lists of cases with truth (where no --source is given)', [
      '../shared/data/mr/index.json',
      '../shared/data/ct/cases.json',
    ])
    .option('--source <kind=path...>', 'labelled data, see below')
    .option(
      '--split <json>',
      `which case may be used for what (default: ${SHARED_SPLIT} for lists, else by person)`,
    )
    .option(
      '--hold-out-share <share>',
      'share of the persons not to train on, where there is no --split',
      share,
      0.2,
    )
    .option('--held-out', 'prepare the cases that are held out too, into a folder of their own')
    .option(
      '--columns-from <model>',
      'model package that looks for bodies where only their height is given',
      DEFAULT_MODEL,
    )
    .option(
      '--credentials <file>',
      `holds "Bearer TOKEN" or "USER:PASSWORD" for a PACS; without it ${CREDENTIALS} may hold the same`,
    )
    .option(
      '--salt <file>',
      `holds the salt of the viewer's corrections, for a PACS; without it ${SALT} may hold it`,
    )
    .option('--out <dir>', 'folder for the items files', 'training/work/items')
    .option('--sheets <dir>', 'also draw every case with its levels (PNG)')
    .option('--workers <n>', 'worker threads (default: by cores and free memory)', whole)
    .addHelpText('after', `\nKinds of labelled data:\n${kinds.join('\n')}`)
    .action(prepare);
}

function share(text: string): number {
  const value = Number(text);
  if (!(value >= 0 && value < 1)) throw new InvalidArgumentError('A number from 0 to 1 is needed.');
  return value;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('A whole number from 1 on is needed.');
  return value;
}

interface Listed {
  readonly source: string;
  readonly entry: SourceCase;
}

/** @throws Error when nothing can be prepared, or no case for a role gave an item */
export async function prepare(options: PrepareOptions): Promise<void> {
  const { columnsFrom, credentials, out } = options;
  const scratch = join(out, '.series');
  await withScratch(scratch, () =>
    prepareWith(options, { columnsFrom, credentials, salt: saltOf(options), scratch }),
  );
}

/** @throws Error when the file cannot be read */
function saltOf({ salt }: PrepareOptions): string | undefined {
  if (salt === undefined) return process.env[SALT] || undefined;
  try {
    return readFileSync(salt, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new Error(`--salt: ${(cause as Error).message}.`, { cause });
  }
}

async function prepareWith(options: PrepareOptions, ofSources: SourceOptions): Promise<void> {
  const sources = options.source ?? options.cases.map((path) => `list=${path}`);
  const listed = await listAll(sources, ofSources);
  const split = splitFor(listed, options);
  const wanted = options.heldOut ? ['train', 'held-out'] : ['train'];
  const jobs = listed.flatMap(({ source, entry }): (CaseJob & { role: string })[] => {
    const { role } = split.roleOf(entry.id);
    if (!wanted.includes(role)) return [];
    const person = entry.person ?? split.personOf(entry.id);
    const yMm = split.levelsYMm[entry.id] ?? {};
    const fingerprint = fingerprintOf(source, entry, [person, yMm]);
    return [{ source, entry, fingerprint, person, yMm, role }];
  });
  printAside(`${jobs.length} of ${listed.length} cases are for ${wanted.join(' or ')}.`);
  if (jobs.length === 0) throw new Error('There is nothing to prepare: look at the split.');
  checkInputs(jobs, options);
  const cache = new CaseCache(join(options.out, 'cases'));
  const records = new Map<string, CaseRecord>();
  for (const { fingerprint } of jobs) {
    const record = cache.find(fingerprint);
    if (record) records.set(fingerprint, record);
  }
  const due = jobs.filter(({ fingerprint }) => !records.has(fingerprint));
  if (records.size > 0) printAside(`${records.size} are done already and have not changed.`);
  if (due.length > 0) {
    const workers = Math.min(due.length, options.workers ?? workersFor(due.length));
    printAside(`${due.length} to do with ${workers} worker${workers === 1 ? '' : 's'}.`);
    const progress = new Progress(due.length);
    const setup: WorkerSetup = { ...ofSources, cache: join(options.out, 'cases') };
    // A case at a time each, so that memory is bounded by as many scans; what is done is in the cache at once.
    const pool = new WorkerPool<CaseJob, CaseRecord>({
      ...{ module: new URL('./caseWorker.ts', import.meta.url), data: setup, workers },
    });
    try {
      await pool.runAll(due, (record) => {
        records.set(record.fingerprint, record);
        progress.add(record);
      });
    } finally {
      progress.stop();
    }
  }
  cache.keepOnly(new Set(jobs.map(({ fingerprint }) => fingerprint)));
  const wheres = new Map(jobs.map(({ entry: { id, where } }) => [id, where]));
  const barren: string[] = [];
  for (const role of wanted) {
    const own = jobs.filter((job) => job.role === role);
    const folder = role === 'train' ? options.out : join(options.out, role);
    const done = own.map(({ fingerprint }) => records.get(fingerprint)!);
    write(folder, done, cache, options, wheres);
    const rejected = done.filter(({ group }) => group === null);
    printAside(
      `${done.length - rejected.length} of ${done.length} cases for ${role} gave items, ${rejected.length} were left out.`,
    );
    if (rejected.length === done.length && rejected.length > 0) {
      barren.push(
        `None of the ${done.length} cases for ${role} gave an item (${rejected[0]!.id}: ${rejected[0]!.reasons.join('; ')}). All reasons: ${join(folder, 'rejected.json')}.`,
      );
    }
  }
  if (barren.length > 0) throw new Error(barren.join(' '));
}

/**
 * What can be known to be wrong before hours of work.
 *
 * @throws Error when no case has its files, one must not be trained on, or there is no model to look for bodies with
 */
function checkInputs(
  jobs: readonly (CaseJob & { readonly role: string })[],
  { columnsFrom }: PrepareOptions,
): void {
  if (!existsSync(join(columnsFrom, 'manifest.json'))) {
    throw new Error(`--columns-from: there is no model package in ${columnsFrom}.`);
  }
  const barred = jobs.filter(({ entry, role }) => role === 'train' && entry.mayTrain === false);
  if (barred.length > 0) {
    throw new Error(
      `The split trains on ${barred.map(({ entry }) => entry.id).join(', ')}, whose list says "may_train": false.`,
    );
  }
  const missing = jobs.flatMap(({ entry }) => entry.inputs.filter((path) => !existsSync(path)));
  const [first] = missing;
  if (first === undefined) return;
  const lacking = jobs.filter(({ entry }) => !entry.inputs.every((path) => existsSync(path)));
  const found = `${lacking.length} of ${jobs.length} cases lack files, e.g. ${first}`;
  if (lacking.length === jobs.length) {
    throw new Error(`${found}. Paths in a list are absolute, or relative to the list.`);
  }
  printAside(`${found}; they will be left out.`);
}

async function listAll(sources: readonly string[], options: SourceOptions): Promise<Listed[]> {
  const listed: Listed[] = [];
  for (const text of sources) {
    const at = text.indexOf('=');
    const [source, path] = [text.slice(0, at), text.slice(at + 1)];
    if (at < 1 || !(source in SOURCES)) {
      throw new Error(`"${text}" is not KIND=PATH with one of ${Object.keys(SOURCES).join(', ')}.`);
    }
    for (const entry of await SOURCES[source].list(path, options)) {
      const same = listed.find((each) => each.entry.id === entry.id);
      if (same) {
        throw new Error(
          `Two cases are named ${entry.id}: ${placeOf(same.entry)} and ${placeOf(entry)}.`,
        );
      }
      listed.push({ source, entry });
    }
  }
  return listed;
}

const placeOf = ({ inputs, where }: SourceCase): string => inputs[0] ?? where ?? 'somewhere';

function splitFor(listed: readonly Listed[], options: PrepareOptions): Split {
  const file = options.split ?? (options.source ? null : SHARED_SPLIT);
  if (file === null) {
    const cases = listed.map(({ entry: { id, set, person } }) => ({
      id,
      set,
      person: person ?? id,
    }));
    const made = splitByPerson(cases, options.holdOutShare);
    mkdirSync(options.out, { recursive: true });
    writeFileSync(join(options.out, 'split.json'), `${JSON.stringify(made, null, 2)}\n`);
    return splitOf(made);
  }
  const split = readSplit(file);
  const leaks = sharedPersons(
    split,
    listed.map(({ entry }) => entry),
  );
  if (leaks.length > 0) throw new Error(`${file} leaks persons: ${leaks.join('; ')}.`);
  return split;
}

const workersFor = (cases: number): number =>
  Math.max(1, Math.min(cases, availableParallelism(), Math.floor(freemem() / BYTES_A_WORKER)));

/** Items files by class, what was rejected, where everything comes from, and sheets to look at. */
function write(
  folder: string,
  records: readonly CaseRecord[],
  cache: CaseCache,
  options: PrepareOptions,
  wheres: ReadonlyMap<string, string | undefined>,
): void {
  mkdirSync(folder, { recursive: true });
  const groups = new Set(records.flatMap(({ group }) => group ?? []));
  for (const name of groups) {
    const own = records.filter(({ group }) => group === name);
    const panels: SheetPanel[] = [];
    const items = function* (): Generator<TrainingItem> {
      for (const record of own) {
        const of = cache.itemsOf(record);
        if (options.sheets) panels.push(panelOf(of[Math.floor(of.length / 2)]));
        yield* of;
      }
    };
    const file = join(folder, `${name}.items`);
    const sets = [...new Set(own.map(({ set }) => set))].sort();
    const count = writeItems(file, items(), { recipe: RECIPE, sets, cases: own.length });
    printAside(`${count} items of ${own.length} cases written to ${file}.`);
    if (options.sheets) draw(join(options.sheets, name), panels);
  }
  const rejected = records
    .filter(({ group }) => group === null)
    .map(({ id, source, inputs, reasons }) => ({
      case: id,
      source,
      inputs: inputs.map(noted),
      reasons,
    }));
  const provenance = records.map(({ inputs, ...record }) => ({
    ...record,
    inputs: inputs.map(noted),
  }));
  const json = (name: string, value: unknown) =>
    writeFileSync(join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
  json('rejected.json', rejected);
  json('provenance.json', provenance);
  for (const { case: id, reasons } of rejected) {
    const where = wheres.get(id);
    printAside(`Left out: ${id}${where ? ` (${where})` : ''}: ${reasons.join('; ')}.`);
  }
}

function draw(stem: string, panels: readonly SheetPanel[]): void {
  mkdirSync(join(stem, '..'), { recursive: true });
  for (let at = 0; at < panels.length; at += PANELS_A_SHEET) {
    const page = at === 0 ? '' : `-${at / PANELS_A_SHEET + 1}`;
    const sheet = contactSheet(panels.slice(at, at + PANELS_A_SHEET), 8, 1);
    writeFileSync(`${stem}${page}.png`, sheet);
  }
}

function panelOf(item: TrainingItem): SheetPanel {
  return {
    title: item.id,
    height: item.height,
    width: item.width,
    plane: item.mean,
    marks: item.levels.map(({ name, row, column }) => ({
      row,
      column,
      label: name,
      colour: GREEN,
    })),
  };
}

/** A bar where somebody looks, lines where the output is kept. */
class Progress {
  private readonly bar: SingleBar | null;
  private done = 0;

  constructor(private readonly total: number) {
    this.bar = process.stderr.isTTY
      ? new SingleBar({
          format: '{bar} {value}/{total} cases, {eta_formatted} left, {rejected} left out: {id}',
          stream: process.stderr,
        })
      : null;
    this.bar?.start(total, 0, { id: '', rejected: 0 });
  }

  private rejected = 0;

  add({ id, group }: CaseRecord): void {
    this.done++;
    if (group === null) this.rejected++;
    if (this.bar) this.bar.update(this.done, { id, rejected: this.rejected });
    else printAside(`${this.done}/${this.total} ${id}${group === null ? ' left out' : ''}`);
  }

  stop(): void {
    this.bar?.stop();
  }
}
