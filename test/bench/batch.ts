import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ctSlice, dicomBytes, int16Bytes } from '../unit/io/writeDicom';
import type { Figure } from './main';
import { bodySlice } from './projection';

const SLICES = 87;
/** Series that the program has warmed up on before the further ones are counted, and how many those are. */
const WARM = 2;
const FURTHER = 4;
const TREE = 24;
const READS = 5;
const PROGRAM = 'src/cli/find-l3.mjs';
/** Reads all pixels of a folder READS times; tells the least time on the processor, s. */
const PYDICOM = `
import sys, time, pathlib, pydicom
files = sorted(pathlib.Path(sys.argv[1]).iterdir())
times = []
for _ in range(${READS}):
    start = time.process_time()
    for file in files:
        pydicom.dcmread(file).pixel_array
    times.append(time.process_time() - start)
print(min(times))
`;

/** What a further series costs against reading its pixels, and what a second job brings. */
export async function benchBatch(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'find-l3-batch-'));
  try {
    return [...(await furtherSeries(folder)), ...(await twoJobs(folder))];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function furtherSeries(folder: string): Promise<Figure[]> {
  const name = `series of 512 x 512 x ${SLICES}`;
  const series = join(folder, 'one');
  await writeSeries(series, '1.2.3.4');
  const plain = await plainRead(series);
  const busyWith = async (count: number) => {
    const args = [PROGRAM, '--json', ...Array<string>(count).fill(series)];
    return (await run(process.execPath, args)).busy;
  };
  const warm = await busyWith(WARM);
  const further = ((await busyWith(WARM + FURTHER)) - warm) / FURTHER;
  const figures: Figure[] = [
    { what: `start, model and ${WARM} ${name}: processor`, value: warm, unit: 's' },
    { what: `a further ${name}: processor`, value: further, unit: 's' },
    { what: 'plain read of its pixels by Node: processor', value: plain, unit: 's' },
    { what: 'a further series / plain read by Node', value: further / plain, unit: 'x' },
  ];
  const python = process.env.FIND_L3_BENCH_PYTHON ?? 'python3';
  const pydicom = await run(python, ['-c', PYDICOM, series]).catch(() => null);
  if (!pydicom || pydicom.status !== 0) {
    console.log(`  ${python} has no pydicom; FIND_L3_BENCH_PYTHON names one that has`);
    return figures;
  }
  const value = Number(pydicom.said);
  return [
    ...figures,
    { what: 'plain read of its pixels by pydicom: processor', value, unit: 's' },
    { what: 'a further series / plain read by pydicom', value: further / value, unit: 'x' },
  ];
}

async function twoJobs(folder: string): Promise<Figure[]> {
  const tree = join(folder, 'tree');
  for (let n = 1; n <= TREE; n++) await writeSeries(join(tree, String(n)), `1.2.3.${100 + n}`);
  const wall: number[] = [];
  for (const jobs of [1, 2]) {
    const out = join(folder, `out-${jobs}`);
    const args = [PROGRAM, 'batch', tree, '--out', out, '--jobs', String(jobs)];
    const { status, seconds } = await run(process.execPath, args);
    const lines = (await readFile(join(out, 'results.csv'), 'utf8')).trim().split('\n').length - 1;
    if (lines !== TREE) throw new Error(`batch gave ${lines} lines of ${TREE}, status ${status}`);
    wall.push(seconds);
  }
  return [
    { what: `batch of ${TREE} series, one job: wall`, value: wall[0], unit: 's' },
    { what: `batch of ${TREE} series, two jobs: wall`, value: wall[1], unit: 's' },
    { what: 'one job / two jobs, wall', value: wall[0] / wall[1], unit: 'x' },
  ];
}

/** 12 bits of 16, unsigned, as scanners write them. */
async function writeSeries(folder: string, series: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const pixels = int16Bytes(Array.from(bodySlice(), (hu) => hu + 1024));
  const more = {
    '00280030 DS': [0.78, 0.78],
    '00200032 DS': [-200, -200, 0],
    '00280101 US': 12,
    '00280102 US': 11,
    '00280103 US': 0,
  };
  for (let n = 0; n < SLICES; n++) {
    const elements = ctSlice(5 * n, pixels, {
      rows: 512,
      columns: 512,
      series,
      more: { ...more, '00200032 DS': [-200, -200, 5 * n] },
    });
    await writeFile(join(folder, `${n}.dcm`), dicomBytes({ elements }));
  }
}

/** The least time on the processor of reading all files of a folder and copying their pixels out, s. */
async function plainRead(folder: string): Promise<number> {
  const times: number[] = [];
  for (let read = 0; read < READS; read++) {
    const start = process.cpuUsage();
    for (const name of await readdir(folder)) {
      const bytes = await readFile(join(folder, name));
      new Uint16Array(new Uint8Array(bytes.subarray(-512 * 512 * 2)).buffer);
    }
    const { user, system } = process.cpuUsage(start);
    times.push((user + system) / 1e6);
  }
  return Math.min(...times);
}

interface Ran {
  readonly status: number | null;
  readonly said: string;
  /** Wall time, s. */
  readonly seconds: number;
  /** Time on the processor of a Node process, without those that it starts, s. */
  readonly busy: number;
}

function run(command: string, args: readonly string[]): Promise<Ran> {
  const start = performance.now();
  const tell = `data:text/javascript,${encodeURIComponent(`
    process.on('exit', () => {
      const { user, system } = process.cpuUsage();
      console.error('BUSY ' + (user + system));
    });`)}`;
  const own = command === process.execPath ? ['--import', tell] : [];
  const child = spawn(command, [...own, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [said, told] = ['', ''];
  child.stdout.on('data', (text) => (said += text));
  child.stderr.on('data', (text) => (told += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      const busy = Number(/BUSY (\d+)/.exec(told)?.[1] ?? NaN) / 1e6;
      resolve({ status, said, seconds: (performance.now() - start) / 1000, busy });
    });
  });
}
