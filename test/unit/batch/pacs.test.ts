import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidFrom } from '../../../src/batch/reportContent';
import type { ReportContent } from '../../../src/batch/reportContent';
import { ReportStore } from '../../../src/batch/reports';
import type { JournalLine } from '../../../src/batch/types';
import { main } from '../../../src/cli/main';
import { DicomwebClient } from '../../../src/dicomweb/dicomwebClient';
import { reportsOf } from '../../../src/dicomweb/search';
import { fromDicomJson } from '../../../src/sr/dicomJson';
import { levelReport } from '../../../src/sr/levelReport';
import { newestLevels, readLevelReport } from '../../../src/sr/readLevelReport';
import type { Dataset } from '../../../src/sr/types';
import { INSTALL_ORTHANC, Orthanc, orthancIsInstalled } from '../../e2e/orthanc';
import { at, fakeHost } from '../cli/patient';
import { fileOf } from '../sr/dicomFile';
import { MODEL, putPhantom, WORKER } from './tree';

jest.setTimeout(180_000);

const isThere = orthancIsInstalled() && existsSync(join(MODEL, 'model.onnx'));
const describeWithOrthanc = isThere ? describe : describe.skip;
const never = new AbortController().signal;

describeWithOrthanc(`a PACS: Orthanc (${INSTALL_ORTHANC})`, () => {
  let orthanc: Orthanc;
  let client: DicomwebClient;
  let tree = '';
  let files: string[] = [];
  beforeAll(async () => {
    tree = mkdtempSync(join(tmpdir(), 'find-l3-pacs-'));
    await putPhantom(tree, 'one');
    files = readdirSync(tree).flatMap((name) => (name.endsWith('.dcm') ? join(tree, name) : []));
    orthanc = await Orthanc.start({
      AuthenticationEnabled: true,
      RegisteredUsers: { reader: 'secret' },
    });
    orthanc.authorization = `Basic ${Buffer.from('reader:secret').toString('base64')}`;
    await orthanc.upload(files);
    client = new DicomwebClient({
      root: orthanc.dicomweb,
      credentials: async () => orthanc.authorization,
    });
  });
  afterAll(async () => {
    await orthanc?.stop();
    rmSync(tree, { recursive: true });
  });

  async function batch(args: string[], env: Record<string, string> = {}) {
    const { host, taken } = fakeHost({ defaultModel: MODEL, workerScript: WORKER, env });
    const status = await main(['batch', ...args], host);
    return { status, ...taken };
  }
  const lines = (out: string) =>
    readFileSync(at(`${out}/results.jsonl`), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as JournalLine);
  const reports = async (study: string) =>
    (await reportsOf(client, study, never)).flatMap(
      (json) => readLevelReport(fromDicomJson(json)) ?? [],
    );

  it('is answered as the same files are, and gets the report that the viewer restores, once', async () => {
    const env = { FIND_L3_CREDENTIALS: 'reader:secret' };
    const from = ['--dicomweb', orthanc.dicomweb, '--query', 'ModalitiesInStudy=CT'];
    const first = await batch([...from, '--out', at('out'), '--stow'], env);
    expect([first.status, first.stderr]).toEqual([0, '']);
    const [line, ...others] = lines('out');
    expect(others).toEqual([]);
    const study = line.studyInstanceUID as string;
    const series = `${orthanc.dicomweb}/studies/${study}/series/${line.seriesInstanceUID}`;
    expect(line).toMatchObject({ status: 'found', input: orthanc.dicomweb, path: series });
    expect(line.files).toBe(files.length);
    expect(readdirSync(at('out')).sort()).toEqual(['results.csv', 'results.jsonl', 'summary.json']);

    await batch([tree, '--out', at('files'), '--sr', at('sr')]);
    const [same] = lines('files');
    const answer = ({ l3, levels, alternatives, warnings, slices }: JournalLine) => ({
      ...{ l3, levels, alternatives, warnings, slices },
    });
    expect(answer(line)).toEqual(answer(same));
    expect(same.report).toMatchObject({ state: 'written' });
    expect(readdirSync(at('sr'))).toEqual([`${same.report?.sopInstanceUID}.dcm`]);
    expect(same.report?.sopInstanceUID).toBe(line.report?.sopInstanceUID);

    const [report, ...more] = await reports(study);
    expect(more).toEqual([]);
    expect(report.report).toMatchObject({ isPersons: false, isOurs: true });
    expect(report.levels).toMatchObject([
      {
        level: 'L3',
        review: null,
        moved: null,
        seriesInstanceUID: line.seriesInstanceUID,
        slice: { sopInstanceUID: line.l3?.sopInstanceUID },
        model: { sha256: line.model.sha256, manifestSha256: line.model.manifest_sha256 },
      },
    ]);

    const again = await batch([...from, '--out', at('out'), '--stow'], env);
    expect(again.status).toBe(0);
    expect(lines('out')).toHaveLength(1);
  });

  it('is watched until somebody stops it: what comes is answered, and no report comes twice', async () => {
    const stop = new AbortController();
    const { host, taken } = fakeHost({
      ...{ defaultModel: MODEL, workerScript: WORKER, signal: stop.signal },
      env: { FIND_L3_CREDENTIALS: 'reader:secret' },
    });
    const args = ['--dicomweb', orthanc.dicomweb, '--out', at('watched'), '--interval', '1'];
    const watching = main(['watch', ...args, '--days', '36500'], host);
    while (!taken.stdout.includes('1 series: 1 found')) {
      await new Promise((resume) => setTimeout(resume, 50));
    }
    // Two looks more.
    await new Promise((resume) => setTimeout(resume, 2500));
    stop.abort();
    expect(await watching).toBe(130);
    expect(taken.stderr).toBe('find-l3 watch: interrupted; run the same command again to go on\n');
    const [line, ...others] = lines('watched');
    expect(others).toEqual([]);
    expect(line.report).toMatchObject({ state: 'there-already' });
    expect(await reports(line.studyInstanceUID as string)).toHaveLength(1);
    expect(readdirSync(at('watched')).sort()).toEqual([
      ...['results.csv', 'results.jsonl', 'summary.json'],
    ]);
  });

  it('says whose login it wants, in one line, and of no secret', async () => {
    writeFileSync(at('wrong'), 'reader:wrong-secret\n');
    const from = ['--dicomweb', orthanc.dicomweb, '--credentials', at('wrong')];
    const { status, stderr } = await batch([...from, '--out', at('out')]);
    expect([status, stderr.trim().split('\n').length]).toEqual([1, 1]);
    expect(stderr).toMatch(/asks for a login \(HTTP 401\)/);
    expect(stderr).not.toContain('wrong-secret');
  });

  describe('with reports in a study of its own', () => {
    let content: ReportContent;
    let study = '';
    let number = 0;
    beforeEach(async () => {
      study = `1.2.99.${++number}`;
      content = contentOf(study);
    });
    const keep = (one: ReportContent) => new ReportStore(client).keep(one, never);
    const moved = (one: ReportContent, mm: number, sha256?: string): ReportContent => {
      const [x, y, z] = one.level.pointLpsMm;
      const point = [x, y, z + mm] as const;
      const model = { ...one.level.model!, ...(sha256 && { sha256 }) };
      const level = { ...one.level, pointLpsMm: point, foundPointLpsMm: point, model };
      return { ...one, level, identity: uuidFrom([one.identity, String(mm)]) };
    };

    it('stores an answer once, also where other machines compute other last digits', async () => {
      const stored = await keep(content);
      expect(stored.state).toBe('stored');
      const there = { state: 'there-already', sopInstanceUID: stored.sopInstanceUID };
      expect(await keep(content)).toMatchObject(there);
      expect(await keep(moved(content, 0.1))).toMatchObject(there);
      expect(await reports(study)).toHaveLength(1);
    });

    it('lets another model’s answer take the place of the earlier one', async () => {
      const before = await keep(content);
      const after = await keep(moved(content, 9, 'f'.repeat(64)));
      expect(after).toMatchObject({ state: 'stored', message: null });
      const { levels, current } = newestLevels(await reports(study));
      expect(current.map(({ sopInstanceUID }) => sopInstanceUID)).toEqual([after.sopInstanceUID]);
      expect(levels).toHaveLength(1);
      expect(after.sopInstanceUID).not.toBe(before.sopInstanceUID);
      expect(await keep(content)).toMatchObject({ state: 'stored' });
      expect(await reports(study)).toHaveLength(3);
    });

    it('stores nothing beside a person’s report of any series of the study', async () => {
      const at = '2026-11-22T13:04:05.678Z';
      const level = {
        ...content.level,
        seriesInstanceUID: `${study}.7`,
        review: { act: 'confirmed', by: 'Reader', at } as const,
      };
      const image: Dataset = { ...content.image };
      const person = levelReport({
        levels: [level],
        ...{ image, modality: 'CT', softwareVersion: '0.4.0', observer: 'Reader' },
        now: new Date(),
        newUid: () => `${study}.8.${++number}`,
        predecessors: [],
      });
      await client.store(study, new Uint8Array(fileOf(person)), never);
      expect(await keep(content)).toEqual({
        state: 'persons-report',
        sopInstanceUID: null,
        message: null,
      });
      expect(await reports(study)).toHaveLength(1);
    });
  });
});

function contentOf(study: string): ReportContent {
  const point = [1, 2, -300] as const;
  const slice = {
    sopInstanceUID: `${study}.3`,
    sopClassUID: '1.2.840.10008.5.1.4.1.1.2',
    seriesInstanceUID: `${study}.2`,
    frameNumber: null,
  };
  return {
    identity: uuidFrom([study]),
    modality: 'CT',
    image: { StudyInstanceUID: study, PatientName: 'A^B', PatientID: study },
    level: {
      annotationUID: '00000000-0000-4000-8000-000000000001',
      ...{ level: 'L3', label: 'L3', definition: 'mid-body', countedFrom: 'both' },
      seriesInstanceUID: `${study}.2`,
      frameOfReferenceUID: `${study}.4`,
      slice,
      ...{ foundPointLpsMm: point, pointLpsMm: point, probability: 0.9, moved: null, review: null },
      model: { name: 'm', version: '1', sha256: 'a'.repeat(64), manifestSha256: 'b'.repeat(64) },
      algorithm: { name: 'find-l3', version: '0.4.0' },
      plane: {
        ...{ sopInstanceUID: slice.sopInstanceUID, frameNumber: null },
        ...{ position: [0, 0, -300], rowCosines: [1, 0, 0], columnCosines: [0, 1, 0] },
        ...{ rowSpacing: 1, columnSpacing: 1, rows: 8, columns: 8 },
      },
    },
  };
}
