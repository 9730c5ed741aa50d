import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Papa from 'papaparse';
import type { JournalLine } from '../../../src/batch/types';
import { AxialScan } from '../../../src/phantom/scan';
import type { PhantomSlice } from '../../../src/phantom/types';
import { INSTALL_SLURM, installSlurm, Slurm } from './slurm';
import { seriesHeader, writeInstance } from '../../../src/phantom/writePhantomSeries';

jest.setTimeout(40 * 60_000);

const SERIES_A_PATIENT = 20;
/** Of the made tree; 2,000 fit into the time of a part. */
const SERIES = Number(process.env.FIND_L3_SCALE_SERIES ?? 600);
if (!(SERIES > 0 && SERIES % SERIES_A_PATIENT === 0)) {
  throw new Error(`FIND_L3_SCALE_SERIES must be a multiple of ${SERIES_A_PATIENT}`);
}
const JOBS = 2;
/** Shares of all series after which the run is killed. */
const KILLED_AT = [0.15, 0.4, 0.75];
/** What the process that walks may ever hold, MiB; the walk alone is told to stay below it, too. */
const MOST_MEMORY = 600;
/** What it held from second to second, beside the series that were answered. */
const CURVE = resolve('test-output/scale-memory.csv');

const BIN = join(__dirname, '../../../src/cli/find-l3.mjs');
const SEEDS = [1, 2, 3];

let root = '';
/** Of an undisturbed run: its exit status, the most memory of the process that walks, and its table. */
let [status, peak, expected] = [null as number | null, null as number | null, ''];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'find-l3-scale-'));
  await makeTree(join(root, 'in'));
  const undisturbed = start(join(root, 'calm'));
  const curve: { seconds: number; lines: number; mib: string }[] = [];
  for (const began = Date.now(); undisturbed.child.exitCode === null; await pause(1000)) {
    const memory = await memoryOf(undisturbed.child);
    if (!memory) continue;
    peak = memory.peak;
    curve.push({
      seconds: Math.round((Date.now() - began) / 1000),
      lines: (await lines(join(root, 'calm'))).length,
      mib: memory.now.toFixed(0),
    });
  }
  status = await undisturbed.ended;
  await mkdir(join(CURVE, '..'), { recursive: true });
  await writeFile(CURVE, Papa.unparse(curve));
  expected = await readFile(join(root, 'calm', 'results.csv'), 'utf8');
});
afterAll(() => rm(root, { recursive: true, force: true }));

/**
 * A patient a folder: one whole series in two folders side by side, a copy of it elsewhere, a whole series
 * with a file that is cut, one of which every file is cut, and many that are too short; junk beside them.
 */
async function makeTree(folder: string): Promise<void> {
  const scans = SEEDS.map((seed) => new AxialScan({ seed, columns: 48, sliceSpacingMm: 8 }));
  const slices = scans.map((scan) => scan.instanceNumbers.map((number) => scan.slice(number)));
  for (let patient = 0; patient < SERIES / SERIES_A_PATIENT; patient++) {
    const of = patient % SEEDS.length;
    const write = async (name: string, id: string, some: readonly PhantomSlice[]) => {
      const path = join(folder, `patient ${patient}`, name);
      await mkdir(path, { recursive: true });
      const about = {
        name: 'PHANTOM^SCALE',
        id: `${patient}-${id}`,
        sex: 'O',
        age: '050Y',
      } as const;
      const header = seriesHeader(scans[of], about);
      for (const slice of some) await writeInstance(path, header, slice);
      return path;
    };
    const all = slices[of];
    await write('study/part 1', 'split', all.slice(0, 30));
    await write('study/part 2', 'split', all.slice(30));
    const whole = await write('study/whole', 'whole', all);
    await truncate(join(whole, 'IM0005.dcm'), 2000);
    await cp(whole, join(folder, `patient ${patient}`, 'backup', 'copy'), { recursive: true });
    const broken = await write('study/broken', 'broken', all.slice(0, 4));
    for (const name of await readdir(broken)) await truncate(join(broken, name), 1000);
    for (let n = 4; n < SERIES_A_PATIENT; n++) {
      await write(`scouts/${n}`, `short ${n}`, all.slice(n, n + 3));
    }
    await writeFile(join(whole, 'notes.txt'), 'no image');
    await writeFile(join(folder, `patient ${patient}`, 'DICOMDIR'), 'no index');
  }
}

function start(out: string): { child: ChildProcess; ended: Promise<number | null> } {
  const args = [BIN, 'batch', join(root, 'in'), '--out', out, '--jobs', String(JOBS)];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  return { child, ended: new Promise((done) => child.on('close', done)) };
}

async function lines(out: string): Promise<JournalLine[]> {
  const path = join(out, 'results.jsonl');
  if (!existsSync(path)) return [];
  const whole = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  return whole.map((line) => JSON.parse(line) as JournalLine);
}

/** The memory that a process holds, and the most that it ever held, MiB; null where the system does not say. */
async function memoryOf({ pid }: ChildProcess): Promise<{ now: number; peak: number } | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const mib = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  const [now, peak] = [mib('VmRSS'), mib('VmHWM')];
  return now > 0 && peak > 0 ? { now, peak } : null;
}

const SNAKEMAKE = 'snakemake==9.27.1';

/** @returns a folder with a Python environment that has Snakemake, null where there can be none. */
function installSnakemake(): string | null {
  const venv = mkdtempSync(join(tmpdir(), 'find-l3-snakemake-'));
  const did = (program: string, args: string[]) =>
    spawnSync(program, args, { stdio: 'ignore' }).status === 0;
  const pip = join(venv, 'bin', 'pip');
  if (did('python3', ['-m', 'venv', venv]) && did(pip, ['install', '-q', SNAKEMAKE])) return venv;
  rmSync(venv, { recursive: true, force: true });
  return null;
}

const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));

const parallel = spawnSync('parallel', ['--version'], { stdio: 'ignore' }).status === 0;
const itWithParallel = parallel ? it : it.skip;
const itWithSlurm = installSlurm() ? it : it.skip;
const snakemake = installSnakemake();
const itWithSnakemake = snakemake ? it : it.skip;
afterAll(() => snakemake && rm(snakemake, { recursive: true, force: true }));

it('a large tree: killed three times and resumed, the table is that of an undisturbed run', async () => {
  const [calm, killed] = [join(root, 'calm'), join(root, 'killed')];
  expect(status).toBe(1); // some series are damaged
  expect(peak ?? 0).toBeLessThan(MOST_MEMORY);
  const rows = Papa.parse<Record<string, string>>(expected, {
    header: true,
    skipEmptyLines: true,
  }).data;
  const count = (status: string) => rows.filter((row) => row.status === status).length;
  const patients = SERIES / SERIES_A_PATIENT;
  expect({
    found: count('found'),
    refused: count('refused'),
    undetermined: count('undetermined'),
  }).toEqual({ found: 3 * patients, refused: SERIES - 4 * patients, undetermined: 0 });
  // cut pixels and cut headers in the study, cut pixels in the copy
  expect(count('failed')).toBe(3 * patients);
  expect(await lines(calm)).toHaveLength(rows.length);

  for (const share of KILLED_AT) {
    const { child, ended } = start(killed);
    while ((await lines(killed)).length < share * rows.length) await pause(20);
    child.kill('SIGKILL');
    await ended;
    expect((await lines(killed)).length).toBeLessThan(rows.length);
  }
  expect(await start(killed).ended).toBe(1);
  expect(await readFile(join(killed, 'results.csv'), 'utf8')).toBe(expected);
  const made = (await lines(killed)).map(
    ({ path, seriesInstanceUID }) => `${path} ${seriesInstanceUID}`,
  );
  expect(made).toHaveLength(rows.length);
  expect(new Set(made).size).toBe(made.length);
});

const run = (program: string, args: string[]) =>
  new Promise((done) => spawn(program, args, { stdio: 'ignore' }).on('close', done));
const tableIn = (out: string) => readFile(join(out, 'results.csv'), 'utf8');

itWithParallel('in shards by GNU parallel and merged, the table is the same', async () => {
  const out = join(root, 'shards');
  const shards = `seq 5 | parallel -j ${JOBS} node ${BIN} batch ${join(root, 'in')} --out ${out} --shard {}/5`;
  expect(await run('bash', ['-c', shards])).toBeGreaterThan(0); // as many shards as have damaged series
  expect(await run(process.execPath, [BIN, 'batch', '--merge', out])).toBe(1);
  expect(await tableIn(out)).toBe(expected);
});

itWithSnakemake(`by the workflow of deploy/snakemake (pip install ${SNAKEMAKE}), too`, async () => {
  const out = join(root, 'snakemake');
  const config = {
    ...{ inputs: join(root, 'in'), out, shards: '5', cores_a_share: '1' },
    find_l3: `${process.execPath} ${BIN}`,
  };
  const args = [
    ...['--snakefile', resolve('deploy/snakemake/Snakefile'), '--directory', root],
    ...['--cores', String(JOBS), '--config'],
    ...Object.entries(config).map(([name, value]) => `${name}=${value}`),
  ];
  expect(await run(join(snakemake!, 'bin', 'snakemake'), args)).toBe(0);
  expect(await tableIn(out)).toBe(expected);
});

itWithSlurm(`by an array job of Slurm (${INSTALL_SLURM}), too`, async () => {
  const folder = join(root, 'slurm');
  await mkdir(folder);
  const slurm = await Slurm.start(folder);
  const out = join(folder, 'out');
  try {
    const job = `${process.execPath} ${BIN} batch ${join(root, 'in')} --out ${out} --shard auto`;
    // 1 is what shards with damaged series end with
    const { status, stderr } = slurm.run('sbatch', ['--wait', '--array=1-5', '--wrap', job]);
    expect([status, stderr]).toEqual([1, '']);
  } finally {
    await slurm.stop();
  }
  expect(await run(process.execPath, [BIN, 'batch', '--merge', out])).toBe(1);
  expect(await tableIn(out)).toBe(expected);
});
