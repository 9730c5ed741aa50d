import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type * as FilePromises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Papa from 'papaparse';
import { main } from '../../../src/cli/main';
import { thisProcess } from '../../../src/lock/holder';
import { openModelPackage } from '../../../src/model/node';
import type { JournalLine } from '../../../src/batch/types';
import { at, fakeHost, folder, put, putPatient, putPatientNifti } from '../cli/patient';
import { MODEL, putPhantom, WORKER } from './tree';

jest.setTimeout(180_000);

const hasModel = existsSync(join(MODEL, 'model.onnx'));
const describeWithModel = hasModel ? describe : describe.skip;

/** Runs `find-l3 batch` in this process, with real workers and the shipped model. */
async function batch(args: string[], changes: Parameters<typeof fakeHost>[0] = {}) {
  const { host, taken } = fakeHost({ defaultModel: MODEL, workerScript: WORKER, ...changes });
  const status = await main(['batch', ...args], host);
  return { status, ...taken };
}

const lines = (name = at('out/results.jsonl')) =>
  readFileSync(name, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as JournalLine);
const rows = (out = 'out') =>
  Papa.parse<Record<string, string>>(readFileSync(at(`${out}/results.csv`), 'utf8'), {
    header: true,
    skipEmptyLines: true,
  }).data;

/** Two patients in whom L3 is found, one of whom in two folders, NIfTI, and all that is no healthy series. */
let tree = '';
const input = () => join(tree, 'in');
/** A batch over it into `out` beside it, made once: most tests go on from a copy of that. */
let first: Awaited<ReturnType<typeof batch>>;
const putOut = () => cpSync(join(tree, 'out'), at('out'), { recursive: true });
const statuses = (root = tree) =>
  rows().map(({ path, status }) => [path.slice(root.length), status]);

beforeAll(async () => {
  if (!hasModel) return;
  tree = folder.path = mkdtempSync(join(tmpdir(), 'find-l3-batch-'));
  await putPhantom(at('in/one/ct'), 'one');
  await putPhantom(at('in/two/part'), 'two', 2);
  mkdirSync(at('in/two/rest'));
  for (const name of readdirSync(at('in/two/part')).filter((_, i) => i % 2 === 0)) {
    renameSync(at(`in/two/part/${name}`), at(`in/two/rest/${name}`));
  }
  await putPatientNifti('in/scan.nii');
  await putPatient('in/three/few', { series: '1.2.7', count: 3 });
  put('in/three/few/notes.txt', 'text');
  put('in/three/bad/cut.dcm', readFileSync(at('in/three/few/000.dcm')).subarray(0, 900));
  first = await batch([input(), '--out', at('out'), '--jobs', '2']);
});
afterAll(() => {
  if (hasModel) rmSync(tree, { recursive: true });
});

const EXPECTED = [
  ['/in/one/ct/IM0001.dcm', 'found'],
  ['/in/scan.nii', 'undetermined'],
  ['/in/three/bad/cut.dcm', 'failed'],
  ['/in/three/few/000.dcm', 'refused'],
  ['/in/two/part/IM0002.dcm', 'found'],
];

describeWithModel('find-l3 batch', () => {
  it('answers as find-l3 does, to the last digit, and once', async () => {
    putOut();
    expect(first.status).toBe(1);
    expect(first.stdout).toContain(
      '5 rows, 5 series: 2 found, 1 undetermined, 1 refused, 1 failed',
    );
    expect(first.stderr).toContain('neither a DICOM nor a NIfTI image');
    expect(statuses()).toEqual(EXPECTED);

    const { host, taken } = fakeHost({ defaultModel: MODEL, openModel: openModelPackage });
    expect(await main([input(), '--json'], host)).toBe(1);
    const plain = taken.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as JournalLine);
    const bare = (some: JournalLine[]) =>
      some
        .map((line) => ({ ...line, timing_ms: null }))
        .map(
          ({ answered_at: _a, files: _b, fingerprint: _c, lines: _d, picture: _e, ...line }) =>
            line,
        )
        .sort((a, b) => (a.path < b.path ? -1 : 1));
    expect(bare(lines())).toEqual(bare(plain));
    expect(
      lines()
        .filter(({ l3 }) => l3)
        .map(({ files }) => files),
    ).toEqual([63, 63]);

    const journal = readFileSync(at('out/results.jsonl'), 'utf8');
    const table = readFileSync(at('out/results.csv'), 'utf8');
    const again = await batch([input(), join(input(), 'one'), '--out', at('out')]);
    expect(again.status).toBe(1);
    expect(readFileSync(at('out/results.jsonl'), 'utf8')).toBe(journal);
    expect(readFileSync(at('out/results.csv'), 'utf8')).toBe(table);
    expect(readdirSync(at('out')).sort()).toEqual(['results.csv', 'results.jsonl', 'summary.json']);
  });

  it('gives a new line to what has changed and to nothing else', async () => {
    cpSync(input(), at('in'), { recursive: true });
    await batch([at('in'), '--out', at('out')]);
    expect(lines()).toHaveLength(5);
    utimesSync(at('in/one/ct/IM0001.dcm'), 1, 1);
    rmSync(at('in/three/bad/cut.dcm'));
    await putPatient('in/new', { series: '1.2.8', count: 3 });
    const { status } = await batch([at('in'), '--out', at('out')]);
    expect(status).toBe(0);
    expect(
      lines()
        .slice(5)
        .map(({ path, withdrawn }) => [path, withdrawn]),
    ).toEqual([
      [at('in/new/000.dcm'), undefined],
      [at('in/one/ct/IM0001.dcm'), undefined],
      [at('in/three/bad/cut.dcm'), true],
    ]);
    expect(statuses(folder.path)).toEqual(
      [
        ['/in/new/000.dcm', 'refused'],
        ...EXPECTED.filter(([, status]) => status !== 'failed'),
      ].sort(),
    );
  });

  it('goes on behind a line that was cut off', async () => {
    putOut();
    const table = readFileSync(at('out/results.csv'), 'utf8');
    const journal = readFileSync(at('out/results.jsonl'), 'utf8');
    const ends = [...journal.matchAll(/\n/g)].map(({ index }) => index + 1);
    writeFileSync(at('out/results.jsonl'), journal.slice(0, ends[2] + 200));
    await batch([input(), '--out', at('out')]);
    expect(lines()).toHaveLength(5);
    expect(readFileSync(at('out/results.csv'), 'utf8')).toBe(table);
  });

  it('in shards and merged gives the same table', async () => {
    putOut();
    const env = {
      SLURM_ARRAY_TASK_ID: '3',
      SLURM_ARRAY_TASK_MIN: '1',
      SLURM_ARRAY_TASK_COUNT: '3',
    };
    for (const shard of ['1/3', '2/3']) {
      const { stdout } = await batch([input(), '--out', at('shards'), '--shard', shard], { env });
      expect(stdout).toContain(`find-l3 batch --merge ${at('shards')}`);
    }
    const early = await batch(['--merge', at('shards')]);
    expect(early.stderr).toContain('no journal yet of shard 3/3');
    await batch([input(), '--out', at('shards'), '--shard', 'auto'], { env });
    const merged = await batch(['--merge', at('shards')]);
    expect(merged.stderr).toBe('');
    expect(merged.status).toBe(1);
    expect(readFileSync(at('shards/results.csv'), 'utf8')).toBe(
      readFileSync(at('out/results.csv'), 'utf8'),
    );
    expect(readdirSync(at('shards'))).toContain('results.3-of-3.jsonl');
    const all = [1, 2, 3].flatMap((n) => lines(at(`shards/results.${n}-of-3.jsonl`)));
    expect(all).toHaveLength(5);
  });

  it('draws what was answered, and makes up for pictures that are missing', async () => {
    putOut();
    expect(existsSync(at('out/pictures'))).toBe(false);
    await batch([input(), '--out', at('out'), '--pictures']);
    const drawn = rows().flatMap(({ picture }) => picture || []);
    expect(drawn).toHaveLength(3);
    for (const name of drawn)
      expect(readFileSync(at(`out/${name}`)).toString('latin1', 1, 4)).toBe('PNG');
    expect(readdirSync(at('out/pictures'))).toHaveLength(3);
    const html = readFileSync(at('out/contact-sheet.html'), 'utf8');
    for (const name of drawn) expect(html).toContain(name);
    const before = lines().length;
    rmSync(at(`out/${drawn[0]}`));
    await batch([input(), '--out', at('out'), '--pictures']);
    expect(existsSync(at(`out/${drawn[0]}`))).toBe(true);
    expect(lines()).toHaveLength(before + 1);
  });

  it('ends with 130 when it is interrupted, and goes on from there', async () => {
    const stop = new AbortController();
    const running = batch([input(), '--out', at('out')], { signal: stop.signal });
    while (!existsSync(at('out/results.jsonl')) || lines().length === 0) {
      await new Promise((resume) => setTimeout(resume, 20));
    }
    stop.abort();
    expect(await running).toMatchObject({
      status: 130,
      stderr: expect.stringContaining('run the same command again to go on') as string,
    });
    expect(readdirSync(at('out'))).toEqual(['results.jsonl']);
    const before = lines();
    expect(before.length).toBeLessThan(5);
    await batch([input(), '--out', at('out')]);
    expect(lines().slice(0, before.length)).toEqual(before);
    expect(lines()).toHaveLength(5);
    expect(statuses()).toEqual(EXPECTED);
  });
});

const PACS = 'http://localhost:1/dicom-web';

describe('find-l3 batch stops with one line', () => {
  beforeEach(() => putPatient('in', { count: 2 }));

  it.each([
    ['no input', () => ['--out', at('out')], 2, /missing argument 'input'/],
    ['no --out', () => [at('in')], 2, /required option '--out <dir>' not given/],
    [
      'an input that is missing',
      () => [at('in'), at('gone'), '--out', at('out')],
      2,
      /gone: does not exist/,
    ],
    [
      'jobs that are none',
      () => [at('in'), '--out', at('out'), '--jobs', '0'],
      2,
      /whole number from 1/,
    ],
    [
      'a shard out of range',
      () => [at('in'), '--out', at('out'), '--shard', '3/2'],
      2,
      /give K\/N/,
    ],
    [
      'an array job that is none',
      () => [at('in'), '--out', at('out'), '--shard', 'auto'],
      2,
      /no array job/,
    ],
    [
      '--merge beside something',
      () => ['--merge', at('in'), at('in')],
      2,
      /--merge takes a folder/,
    ],
    ['--merge of a folder without journals', () => ['--merge', at('in')], 2, /holds no journal/],
    [
      'a model that is none',
      () => [at('in'), '--out', at('out'), '--model', at('in')],
      1,
      /manifest.json cannot be read/,
    ],
    [
      'an --out that holds something else',
      () => [at('in'), '--out', at('in')],
      2,
      /holds files but no results/,
    ],
    [
      'an --out that cannot be made',
      () => [at('in'), '--out', at('in/000.dcm/out')],
      1,
      /cannot be made/,
    ],
  ])('for %s', async (_, args, status, message) => {
    const before = readdirSync(at('in'));
    const { status: ended, stdout, stderr } = await batch(args());
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n').length).toBeLessThan(3);
    expect([ended, stdout]).toEqual([status, '']);
    expect(readdirSync(at('in'))).toEqual(before);
    expect(existsSync(at('out'))).toBe(false);
  });

  it.each([
    ['inputs and a PACS', ['in', '--dicomweb', PACS], /not both/],
    ['a PACS that is none', ['--dicomweb', 'pacs:104'], /Give the DICOMweb root/],
    ['a password', ['--dicomweb', 'http://a:b@localhost'], /does not belong on a command line/],
    ['--stow without a PACS', ['in', '--stow'], /--stow needs --dicomweb/],
    ['--query without a PACS', ['in', '--query', 'StudyDate=1'], /--query needs/],
    ['a query of nothing', ['--dicomweb', PACS, '--query', 'StudyDat=1'], /no attribute/],
    ['a query without a value', ['--dicomweb', PACS, '--query', 'StudyDate'], /ATTRIBUTE=VALUE/],
    ['two ways for reports', ['--dicomweb', PACS, '--stow', '--sr', 'x'], /--sr or --stow/],
  ])('for %s', async (_, args, message) => {
    const { status, stdout, stderr } = await batch([...args, '--out', at('out')]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(existsSync(at('out'))).toBe(false);
  });

  it('for an --out that another run writes to', async () => {
    await batch([at('in'), '--out', at('out')]);
    const journal = readFileSync(at('out/results.jsonl'), 'utf8');
    // as a run on another machine has it
    writeFileSync(
      at('out/results.jsonl.lock'),
      JSON.stringify({ ...(await thisProcess()), pid: 7, host: 'node3', token: 't' }),
    );
    const { status, stderr } = await batch([at('in'), '--out', at('out')]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/results.jsonl is in use by process 7 on node3/);
    expect(readFileSync(at('out/results.jsonl'), 'utf8')).toBe(journal);
    const shard = await batch([at('in'), '--out', at('out'), '--shard', '1/2']);
    expect(shard.status).toBe(0);
  });

  it('for a disk that takes no lock', async () => {
    const files = jest.requireActual<typeof FilePromises>('node:fs/promises');
    const { open } = files;
    const full = jest.spyOn(files, 'open').mockImplementation((...args) => {
      if (!String(args[0]).endsWith('.lock')) return open(...args);
      return Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
    });
    const { status, stderr } = await batch([at('in'), '--out', at('out')]);
    full.mockRestore();
    expect([status, stderr]).toEqual([
      1,
      `find-l3 batch: ${at('out/results.jsonl')} cannot be written (no space left)\n`,
    ]);
  });

  it('for a journal of somebody else, which stays as it is', async () => {
    put('out/results.jsonl', 'my results');
    const { status, stderr } = await batch([at('in'), '--out', at('out')]);
    expect([status, readFileSync(at('out/results.jsonl'), 'utf8')]).toEqual([2, 'my results']);
    expect(stderr).toMatch(/is no journal of find-l3 batch/);
    expect(readdirSync(at('out'))).toEqual(['results.jsonl']);
  });

  it('for an input without images', async () => {
    put('empty/notes.txt', '');
    const { status, stderr } = await batch([at('empty'), '--out', at('out')]);
    expect(status).toBe(1);
    expect(stderr).toContain(`find-l3 batch: ${at('empty')} holds no DICOM or NIfTI image`);
    expect(rows()).toEqual([]);
  });
});

it('--help tells of every option', async () => {
  const { status, stdout } = await batch(['--help']);
  expect(status).toBe(0);
  for (const option of [
    '--out',
    '--jobs',
    '--shard',
    '--pictures',
    '--model',
    '--modality',
    '--merge',
    '--dicomweb',
    '--query',
    '--credentials',
    '--sr',
    '--stow',
  ]) {
    expect(stdout).toContain(option);
  }
});

it('./batch is a folder', async () => {
  mkdirSync(at('batch'));
  appendFileSync(at('batch/x'), 'no image');
  const here = process.cwd();
  process.chdir(folder.path);
  try {
    const { host, taken } = fakeHost();
    expect(await main(['./batch', '--json'], host)).toBe(1);
    expect(taken.stdout).toContain('the folder holds no DICOM or NIfTI image');
  } finally {
    process.chdir(here);
  }
});
