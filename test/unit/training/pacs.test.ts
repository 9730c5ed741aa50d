import { createServer } from 'node:http';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { personKey } from '../../../src/corrections/personKey';
import type { Vec3 } from '../../../src/series/types';
import { readItems } from '../../../training/items/itemStore';
import { prepare, type PrepareOptions } from '../../../training/prepare/command';
import { pacsSource } from '../../../training/prepare/sources/pacs';
import {
  PassingFault,
  SourceDown,
  type SourceCase,
  type SourceOptions,
} from '../../../training/prepare/sources/source';
import { readOwnItems } from '../../../training/retrain/ownItems';
import { MODEL } from '../batch/tree';
import { ctSlice, dicomBytes, int16Bytes } from '../io/writeDicom';
import { Serving } from '../server/serving';
import {
  absenceBy,
  exportedItem,
  keep,
  levelAt,
  phantomStudy,
  SALT,
  type Study,
  withoutImages,
} from './reportedStudies';

jest.setTimeout(240_000);

let serving: Serving;
let said: string;
beforeEach(async () => {
  serving = await Serving.begin();
  said = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((line) => {
    said += String(line);
    return true;
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await serving.end();
});

const lowered = ([x, y, z]: Vec3, mm: number): Vec3 => [x, y, z - mm];
/** @returns the DICOMweb root of a small server over studies with their reports */
async function serve(dicom: string): Promise<string> {
  const { url } = await serving.start({ folders: [dicom] });
  return `${url.replace(/\/$/, '')}/dicomweb`;
}
function options(root: string, more: Partial<PrepareOptions> = {}): PrepareOptions {
  const salt = join(serving.folder, 'salt');
  writeFileSync(salt, `${SALT}\n`);
  return {
    ...{ cases: [], source: [`pacs=${root}`], holdOutShare: 0, columnsFrom: MODEL, salt },
    ...{ out: join(serving.folder, 'items'), workers: 1 },
    ...more,
  };
}

describe('level reports of a PACS', () => {
  let dicom: string;
  const study: Record<string, Study> = {};
  beforeEach(async () => {
    dicom = mkdtempSync(join(serving.folder, 'pacs-'));
    for (const name of ['moved', 'disputed', 'absent']) {
      study[name] = await phantomStudy(dicom, name);
    }
    for (const name of ['unlooked', 'withdrawn', 'gone']) {
      study[name] = withoutImages(study.moved, dicom, name);
    }
    const { moved, unlooked, disputed, absent, withdrawn, gone } = study;
    const machine = keep(moved, [levelAt(moved, moved.l3, null)]);
    keep(moved, [levelAt(moved, lowered(moved.l3, 4), { act: 'moved', by: 'A' })], {
      predecessors: [machine],
    });
    keep(unlooked, [levelAt(unlooked, unlooked.l3, null)]);
    keep(disputed, [levelAt(disputed, disputed.l3, { act: 'confirmed', by: 'Reader A' })]);
    keep(disputed, [levelAt(disputed, lowered(disputed.l3, 33), { act: 'moved', by: 'Reader B' })]);
    keep(absent, [], { absence: absenceBy(absent, 'A') });
    const before = keep(withdrawn, [
      levelAt(withdrawn, withdrawn.l3, { act: 'confirmed', by: 'A' }),
    ]);
    keep(withdrawn, [], { predecessors: [before] });
    keep(gone, [levelAt(gone, gone.l3, { act: 'confirmed', by: 'A' })]);
  });

  it('become the items of the corrections that the viewer exports of the same marks', async () => {
    const root = await serve(dicom);
    await prepare(options(root));
    const { moved, absent, disputed, gone } = study;
    const folder = join(serving.folder, 'items');
    const [item, ...others] = readItems(join(folder, 'ct-labelled.items'));
    expect(others).toEqual([]);
    expect(item).toEqual(exportedItem(moved, item.id, lowered(moved.l3, 4)));
    const [none, ...more] = readItems(join(folder, 'ct-no-l3.items'));
    expect(more).toEqual([]);
    expect(none).toEqual(exportedItem(absent, none.id, null));

    const rejected = JSON.parse(readFileSync(join(folder, 'rejected.json'), 'utf8')) as {
      reasons: string[];
    }[];
    expect(rejected.map(({ reasons }) => reasons[0]).sort()).toEqual([
      'the PACS has its level report, and no image of the series any more',
      "two readers' reports differ: L3 lies 33 mm apart",
    ]);
    expect(said).toContain(`/series/${disputed.seriesInstanceUID}, by Reader B and Reader A)`);
    expect(said).toContain(gone.seriesInstanceUID);
    expect(said).toMatch(/1 series that nobody has looked at, 1 reports that only take back/);

    // Nothing that names a patient, a reader or a series is written, and no image stays.
    const written = (readdirSync(folder, { recursive: true, withFileTypes: true }) as never[]).map(
      ({ parentPath, name }: { parentPath: string; name: string }) => join(parentPath, name),
    );
    expect(written.filter((path) => path.includes('.series'))).toEqual([]);
    const names = Object.entries(study).flatMap(([name, { seriesInstanceUID, image }]) => [
      ...[name, seriesInstanceUID, image.StudyInstanceUID as string],
    ]);
    for (const path of written.filter((each) => /\.(items|json)$/.test(each))) {
      const text = readFileSync(path, 'latin1');
      expect([...names, 'Reader', SALT].filter((name) => text.includes(name))).toEqual([]);
    }

    // What was asked is not asked again, and retraining reads it.
    said = '';
    await prepare(options(root));
    expect(said).toContain('4 are done already and have not changed.');
    expect(readOwnItems([folder])).toMatchObject({ rejected: [], items: { length: 2 } });
  });
});

describe('a PACS that cannot be used', () => {
  const list = (address: string, more: Partial<SourceOptions> = {}) =>
    pacsSource([1]).list(address, {
      ...{ columnsFrom: MODEL, scratch: join(serving.folder, 'scratch'), salt: SALT },
      ...more,
    });
  const answering = (status: number, body = '', type = 'application/dicom+json') =>
    serving.upstream(() => ({ status, type, body }));

  it.each([
    [401, '', /asks for a login \(HTTP 401\)\. Give a user or a token .* --credentials FILE/],
    [200, '<html>', /does not answer as a DICOMweb service\. Give its DICOMweb root/],
    [404, '', /dicom-web\/studies: the PACS refuses \(HTTP 404\)/],
    [503, '', /the PACS answers HTTP 503, 2 times\. Check that the PACS runs/],
    [200, '[]', /dicom-web has no level report of Find L3 .*"Save" stores in the viewer/],
  ])('says so: HTTP %i "%s"', async (status, body, message) => {
    await expect(list(await answering(status, body))).rejects.toThrow(message);
  });

  it('says that nothing listens there', async () => {
    const root = await answering(200, '[]');
    await serving.closeAll();
    await expect(list(root)).rejects.toThrow(/the PACS does not answer \(ECONNREFUSED\), 2 times/);
  });

  it('says what is wrong with the question, before it asks', async () => {
    let asked = 0;
    const root = await serving.upstream(() => {
      asked++;
      return { status: 200, type: 'application/dicom+json', body: '[]' };
    });
    const wrong: [string, Partial<SourceOptions>, RegExp][] = [
      [root, { salt: undefined }, /needs the salt of the viewer's corrections .*--salt/],
      [root, { salt: 'short' }, /The salt has 5 characters; the viewer takes none under 16/],
      [root, { columnsFrom: serving.folder }, /manifest\.json cannot be read/],
      [`${root}?Nonsense=1`, {}, /Nonsense is no attribute of DICOM/],
      [root.replace('//', '//reader:secret@'), {}, /A password does not belong on a command line/],
      ['/a/folder', {}, /Give the DICOMweb root of the PACS/],
    ];
    for (const [address, more, message] of wrong) {
      await expect(list(address, more)).rejects.toThrow(message);
    }
    expect(asked).toBe(0);
  });

  it('shows no face, and knows a person by patient ID and issuer', async () => {
    const dicom = mkdtempSync(join(serving.folder, 'pacs-'));
    for (const [series, part] of [
      ['1.2.3.1', 'ABDOMEN'],
      ['1.2.3.2', 'Head_and_trunk'],
    ]) {
      const folder = join(dicom, series);
      const image = { PatientID: 'P-1', StudyInstanceUID: `${series}.9` };
      const one = { seriesInstanceUID: series, folder, image } as unknown as Study;
      keep(one, [], { absence: absenceBy(one, 'A') });
      const more = {
        '00100020 LO': 'P-1 ',
        '00100021 LO': 'HOSPITAL',
        '0020000D UI': image.StudyInstanceUID,
        '00181030 LO': part,
      };
      const elements = ctSlice(0, int16Bytes(new Int16Array(64)), { series, more });
      writeFileSync(join(folder, 'image.dcm'), dicomBytes({ elements }));
    }
    const [trunk, head] = await list(await serve(dicom));
    expect(trunk.detail).toMatchObject({ word: { absence: { reason: 'ends-above-l3' } } });
    expect(head.detail).toEqual({
      leftOut: expect.stringMatching(/its picture may show the face/),
    });
    const person = personKey({ patientId: 'P-1', issuer: 'HOSPITAL', salt: SALT });
    expect([trunk.person, head.person]).toEqual([person, person]);
    expect(trunk.id).not.toBe(head.id);
  });

  it('says that nobody has looked at what it has', async () => {
    const dicom = mkdtempSync(join(serving.folder, 'pacs-'));
    const study = withoutImages(await phantomStudy(dicom, 'one'), dicom, 'unlooked');
    keep(study, [levelAt(study, study.l3, null)]);
    await expect(list(await serve(dicom))).rejects.toThrow(
      /1 studies have level reports, and in none of them a person .* Not used: 1 series that nobody has looked at\./,
    );
  });

  describe('while series are brought', () => {
    let root: string;
    /** What the PACS answers instead, by the path that is asked for. */
    let instead: (path: string) => number | null;
    beforeEach(async () => {
      const dicom = mkdtempSync(join(serving.folder, 'pacs-'));
      const study = await phantomStudy(dicom, 'one');
      keep(study, [levelAt(study, study.l3, { act: 'confirmed', by: 'A' })]);
      const behind = await serve(dicom);
      instead = () => null;
      root = await serving.listen(
        createServer((request, response) => {
          const path = request.url!.replace('/dicom-web/', '');
          const status = instead(path);
          if (status !== null) return void response.writeHead(status).end();
          void fetch(`${behind}/${path}`, { headers: { Accept: request.headers.accept! } }).then(
            async (answer) => {
              const type = answer.headers.get('content-type') ?? '';
              response.writeHead(answer.status, { 'Content-Type': type });
              response.end(Buffer.from(await answer.arrayBuffer()));
            },
          );
        }),
      );
    });
    const isRetrieval = (path: string) => /series\/[\d.]+(\/instances\/[\d.]+)?$/.test(path);

    it('ends the run where it wants another login, and leaves no image', async () => {
      instead = (path) => (isRetrieval(path) ? 401 : null);
      await expect(prepare(options(root))).rejects.toThrow(
        /^the PACS at \S+ asks for a login \(HTTP 401\)/,
      );
      expect(existsSync(join(serving.folder, 'items', '.series'))).toBe(false);
    });

    it('leaves out a series that is gone meanwhile, and asks for it again another time', async () => {
      instead = (path) => (isRetrieval(path) ? 404 : null);
      await expect(prepare(options(root))).rejects.toThrow(
        /None of the 1 cases for train gave an item \(pacs-[0-9a-f]{16}: the PACS does not give the series: it is gone/,
      );
      instead = () => null;
      await prepare(options(root));
      expect(readItems(join(serving.folder, 'items', 'ct-labelled.items'))).toHaveLength(1);
    });

    it('tells one series that it does not give from a PACS that is down', async () => {
      const [entry] = await list(root);
      const scratch = join(serving.folder, 'scratch');
      const read = (given: SourceCase) =>
        pacsSource([1]).read(given, { columnsFrom: MODEL, scratch });
      instead = (path) => (isRetrieval(path) ? 503 : null);
      await expect(read(entry)).rejects.toBeInstanceOf(PassingFault);
      instead = () => 503;
      await expect(read(entry)).rejects.toBeInstanceOf(SourceDown);
      expect(readdirSync(scratch)).toEqual([]);
    });
  });
});
