import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal, journalName, readJournal } from '../../../src/batch/journal';
import { Ledger } from '../../../src/batch/ledger';
import type { Wanted } from '../../../src/batch/ledger';
import { seriesId } from '../../../src/batch/newestLines';
import type { JournalLine } from '../../../src/batch/types';
import { RELEASE } from '../../../src/release/release';
import { FOUND, lineOf } from './lines';

let folder = '';
const path = () => join(folder, 'results.jsonl');
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'find-l3-journal-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const MODEL = { name: 'tiny', version: '1', sha256: 'aa', manifestSha256: 'bb' };

async function append(...lines: JournalLine[][]): Promise<void> {
  const journal = await Journal.open(path());
  await Promise.all(lines.map((some) => journal.append(some)));
  await journal.close();
}

async function read(): Promise<string[]> {
  const paths: string[] = [];
  for await (const { line } of readJournal(path())) paths.push(line.path);
  return paths;
}

describe('the journal', () => {
  it('is named by the shard', () => {
    expect(journalName({ number: 1, count: 1 })).toBe('results.jsonl');
    expect(journalName({ number: 3, count: 12 })).toBe('results.3-of-12.jsonl');
  });

  it('keeps lines in the order they came, each at its place', async () => {
    await append([lineOf('/a', '1'), lineOf('/b', '2')], [lineOf('/ä', '3')]);
    await append([lineOf('/c', '4')]);
    const bytes = readFileSync(path());
    const paths: string[] = [];
    for await (const { line, offset, length } of readJournal(path())) {
      expect(JSON.parse(bytes.toString('utf8', offset, offset + length))).toEqual(line);
      paths.push(line.path);
    }
    expect(paths).toEqual(['/a', '/b', '/ä', '/c']);
  });

  it('longer than what is read at a time is read whole', async () => {
    const lines = Array.from({ length: 2000 }, (_, n) => lineOf(`/${n}/ä`, '1'));
    await append(lines);
    expect(readFileSync(path()).length).toBeGreaterThan(1.2 * 1024 * 1024);
    expect(await read()).toEqual(lines.map((line) => line.path));
  });

  it('loses a line that was cut off, on reading and on opening', async () => {
    await append([lineOf('/a', '1')]);
    const whole = readFileSync(path(), 'utf8');
    appendFileSync(path(), whole.slice(0, 100));
    expect(await read()).toEqual(['/a']);
    await append([lineOf('/b', '2')]);
    expect(await read()).toEqual(['/a', '/b']);
    writeFileSync(path(), whole.slice(0, 100));
    await append([lineOf('/c', '3')]);
    expect(await read()).toEqual(['/c']);
  });

  it('passes over a damaged line amid others', async () => {
    await append([lineOf('/a', '1')]);
    appendFileSync(path(), '\0\0\0\n');
    await append([lineOf('/b', '2')]);
    expect(await read()).toEqual(['/a', '/b']);
  });

  it.each(['notes\n', 'notes', '{"schema":1}\n'])('is not something else (%j)', async (text) => {
    writeFileSync(path(), text);
    await expect(read()).rejects.toThrow(/is no journal of find-l3 batch/);
  });

  it('says where it cannot be written', async () => {
    await expect(Journal.open(join(folder, 'no', 'journal'))).rejects.toThrow(/cannot be written/);
    const full = await Journal.open('/dev/full').catch(() => null);
    if (full === null) return; // no such device here
    await expect(full.append([lineOf('/a', '1')])).rejects.toThrow(
      /cannot be written \(no space left\). What it holds is safe: make room/,
    );
    await full.close();
  });
});

describe('what the journal knows', () => {
  const version = { name: RELEASE.name, version: RELEASE.version };
  const found = (changes: Partial<JournalLine> = {}) =>
    lineOf('/p/s/1', '1.2', { ...FOUND, software: version, ...changes });
  const done = async (
    {
      fingerprint = 'f1',
      model = MODEL,
      pictures = null,
      reports = null,
    }: Partial<Wanted> & {
      fingerprint?: string;
      model?: typeof MODEL;
    } = {},
    series = seriesId('1.2', '/p/s/1'),
  ) => (await Ledger.read(path())).done(series, fingerprint, model, { pictures, reports });

  it('is nothing without one', async () => expect(await done()).toBeNull());

  it('asks for a report where one is wanted and none was kept', async () => {
    const reports = ['stored', 'persons-report'] as const;
    await append([found()]);
    expect(await done({ reports })).toBeNull();
    const kept = (state: 'failed' | 'stored') => ({ state, sopInstanceUID: '1.2', message: null });
    await append([found({ report: kept('failed') })]);
    expect(await done({ reports })).toBeNull();
    expect(await done()).toEqual(['found']);
    await append([found({ report: kept('stored') })]);
    expect(await done({ reports })).toEqual(['found']);
  });

  it('holds for the same files, model and program only', async () => {
    await append([found()]);
    expect(await done()).toEqual(['found']);
    expect(await done({ fingerprint: 'f2' })).toBeNull();
    expect(await done({ model: { ...MODEL, sha256: 'cc' } })).toBeNull();
    expect(await done({ model: { ...MODEL, manifestSha256: 'cc' } })).toBeNull();
    expect(await done({}, seriesId('1.2', '/p/other/1'))).toBeNull();
    await append([found({ software: { ...version, version: '0.0.1' } })]);
    expect(await done()).toBeNull();
  });

  it('is the newest search of a series, if that is whole', async () => {
    await append([found()], [found({ fingerprint: 'f2', lines: 2 })]);
    expect(await done()).toBeNull();
    expect(await done({ fingerprint: 'f2' })).toBeNull();
    await append([found({ fingerprint: 'f2', lines: 2, status: 'undetermined' })]);
    expect(await done({ fingerprint: 'f2' })).toEqual(['found', 'undetermined']);
  });

  it('does not keep what failed from being tried again, but is not told the same twice', async () => {
    const failed = lineOf('/p/s/1', '1.2', { software: version });
    await append([failed]);
    expect(await done()).toBeNull();
    const ledger = await Ledger.read(path());
    expect(ledger.hasAlready([failed])).toBe(true);
    expect(ledger.hasAlready([found()])).toBe(false);
    expect(ledger.hasAlready([{ ...failed, fingerprint: 'f2' }])).toBe(false);
    const other = { code: 'unreadable', message: 'another fault', advice: '' } as const;
    expect(ledger.hasAlready([{ ...failed, reason: other }])).toBe(false);
  });

  it('does not count an answer whose picture is asked for and missing', async () => {
    await append([found({ picture: 'pictures/a.png' })]);
    expect(await done()).toEqual(['found']);
    expect(await done({ pictures: folder })).toBeNull();
    await append([found({ picture: 'a.png' })]);
    writeFileSync(join(folder, 'a.png'), '');
    expect(await done({ pictures: folder })).toEqual(['found']);
    await append([found({ status: 'refused' })]);
    expect(await done({ pictures: folder })).toEqual(['refused']);
  });

  it('withdraws failures of files that were looked at again and did not fail', async () => {
    await append(['/p/a', '/p/b', '/q/c', '/q'].map((name) => lineOf(name, null)));
    const ledger = await Ledger.read(path());
    ledger.walked(['/p', '/p/deeper']);
    ledger.add(lineOf('/p/b', null));
    const outlived = ledger.outlived();
    expect(outlived.map((line) => [line.path, line.withdrawn])).toEqual([['/p/a', true]]);
    await append(outlived);
    const later = await Ledger.read(path());
    later.walked(['/p', '/q', '/']);
    expect(later.outlived().map((line) => line.path)).toEqual(['/p/b', '/q/c', '/q']);
  });
});
