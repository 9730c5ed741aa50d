import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DicomwebClient } from '../../../src/dicomweb/dicomwebClient';
import type { Vec3 } from '../../../src/series/types';
import { INSTALL_ORTHANC, Orthanc, orthancIsInstalled } from '../../../test/e2e/orthanc';
import { MODEL } from '../../../test/unit/batch/tree';
import {
  absenceBy,
  exportedItem,
  levelAt,
  phantomStudy,
  reportFile,
  SALT,
  type Study,
  withoutImages,
} from '../../../test/unit/training/reportedStudies';
import { readItems } from '../../items/itemStore';
import { prepare, type PrepareOptions } from '../../prepare/command';
import { readOwnItems } from '../../retrain/ownItems';

jest.setTimeout(20 * 60_000);

const describeWithOrthanc = orthancIsInstalled() ? describe : describe.skip;
const USER = 'reader:secret';

describeWithOrthanc(`level reports in Orthanc (${INSTALL_ORTHANC})`, () => {
  let folder: string;
  let orthanc: Orthanc;
  let said: string;
  const study: Record<string, Study> = {};

  /** Stores a report as viewer and command line do. */
  async function store(
    one: Study,
    ...content: Parameters<typeof reportFile> extends [unknown, ...infer Rest] ? Rest : never
  ) {
    const credentials = async () => orthanc.authorization;
    const client = new DicomwebClient({ root: orthanc.dicomweb, credentials });
    const { file, report } = reportFile(one, ...content);
    await client.store(report.studyInstanceUID, file, new AbortController().signal);
    return report;
  }
  const ask = (path: string, method: string, body?: string) =>
    fetch(`${orthanc.origin}/${path}`, {
      ...{ method, body, headers: { Authorization: orthanc.authorization! } },
    });
  function options(user: string, more: Partial<PrepareOptions> = {}): PrepareOptions {
    const [salt, credentials] = ['salt', 'credentials'].map((name) => join(folder, name)) as [
      string,
      string,
    ];
    writeFileSync(salt, SALT);
    writeFileSync(credentials, user);
    return {
      ...{ cases: [], source: [`pacs=${orthanc.dicomweb}`], holdOutShare: 0, columnsFrom: MODEL },
      ...{ salt, credentials, out: join(folder, 'items'), workers: 1 },
      ...more,
    };
  }
  const lowered = ([x, y, z]: Vec3, mm: number): Vec3 => [x, y, z - mm];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'retrain-pacs-'));
    orthanc = await Orthanc.start({
      AuthenticationEnabled: true,
      RegisteredUsers: { reader: 'secret' },
    });
    orthanc.authorization = `Basic ${Buffer.from(USER).toString('base64')}`;
    const scans = join(folder, 'scans');
    for (const name of ['moved', 'disputed', 'absent', 'gone']) {
      const one = await phantomStudy(scans, name);
      study[name] = one;
      const files = readdirSync(one.folder).filter((file) => file.endsWith('.dcm'));
      await orthanc.upload(files.map((file) => join(one.folder, file)));
    }
    for (const name of ['unlooked', 'withdrawn']) {
      study[name] = withoutImages(study.moved!, scans, name);
    }
    const { moved, unlooked, disputed, absent, withdrawn, gone } = study as Record<string, Study>;
    const confirmed = (one: Study, by: string) => levelAt(one, one.l3, { act: 'confirmed', by });
    const machine = await store(moved!, [levelAt(moved!, moved!.l3, null)]);
    await store(moved!, [levelAt(moved!, lowered(moved!.l3, 5), { act: 'moved', by: 'A' })], {
      predecessors: [machine],
    });
    await store(unlooked!, [levelAt(unlooked!, unlooked!.l3, null)]);
    await store(disputed!, [confirmed(disputed!, 'Reader A')]);
    const other = levelAt(disputed!, lowered(disputed!.l3, 33), { act: 'moved', by: 'Reader B' });
    await store(disputed!, [other]);
    await store(absent!, [], { absence: absenceBy(absent!, 'A') });
    const before = await store(withdrawn!, [confirmed(withdrawn!, 'A')]);
    await store(withdrawn!, [], { predecessors: [before] });
    await store(gone!, [confirmed(gone!, 'A')]);
    const found = await ask('tools/lookup', 'POST', gone!.seriesInstanceUID);
    const [{ Path: path }] = (await found.json()) as [{ Path: string }];
    await ask(path.slice(1), 'DELETE');
  });
  afterAll(async () => {
    await orthanc?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    said = '';
    jest.spyOn(process.stderr, 'write').mockImplementation((line) => {
      said += String(line);
      return true;
    });
  });
  afterEach(() => jest.restoreAllMocks());

  it('are read under the right login alone', async () => {
    await expect(prepare(options('reader:wrong'))).rejects.toThrow(
      /asks for a login \(HTTP 401\).*--credentials FILE/,
    );
    expect(said).not.toContain('wrong');
  });

  it('become the items of the corrections that the viewer exports, where a person stands for them', async () => {
    await prepare(options(`${USER}\n`));
    const out = join(folder, 'items');
    const { moved, absent, disputed, gone } = study as Record<string, Study>;
    const [item, ...others] = readItems(join(out, 'ct-labelled.items'));
    expect(others).toEqual([]);
    expect(item).toEqual(exportedItem(moved!, item!.id, lowered(moved!.l3, 5)));
    const [none, ...more] = readItems(join(out, 'ct-no-l3.items'));
    expect(more).toEqual([]);
    expect(none).toEqual(exportedItem(absent!, none!.id, null));
    const rejected = readFileSync(join(out, 'rejected.json'), 'utf8');
    expect(rejected).toContain("two readers' reports differ: L3 lies 33 mm apart");
    expect(rejected).toContain('no image of the series any more');
    expect(said).toMatch(/6 studies have level reports; .* in 4 series, 2 of which cannot be used/);
    expect(said).toContain(`/series/${disputed!.seriesInstanceUID}, by Reader B and Reader A)`);
    expect(said).toContain(gone!.seriesInstanceUID);
    expect(existsSync(join(out, '.series'))).toBe(false);
    expect(readOwnItems([out])).toMatchObject({ rejected: [], items: { length: 2 } });
  });

  it('are those of the studies that are asked for', async () => {
    const uid = study.absent!.image.StudyInstanceUID as string;
    const out = join(folder, 'one');
    const source = [`pacs=${orthanc.dicomweb}?PatientID=absent`];
    await prepare(options(USER, { source, out }));
    expect(readdirSync(out).filter((name) => name.endsWith('.items'))).toEqual(['ct-no-l3.items']);
    const by = [`pacs=${orthanc.dicomweb}?StudyInstanceUID=${uid}`];
    await prepare(options(USER, { source: by, out }));
    expect(said).toContain('1 are done already');
    const none = [`pacs=${orthanc.dicomweb}?PatientID=nobody`];
    await expect(prepare(options(USER, { source: none, out }))).rejects.toThrow(
      /has no level report of Find L3 that meets this/,
    );
  });
});
