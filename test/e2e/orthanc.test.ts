import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dcmjs from 'dcmjs';
import { constants, NativeCodecs, Transcoder } from 'dcmjs-codecs';
import { writePhantomSeries } from '../../src/phantom/writePhantomSeries';
import { startServer, type RunningServer } from '../../src/server/startServer';
import { dicomwebClient, type Client, type Dataset } from './dicomweb';
import { openStudy, openViewer, shownImages } from './harness';
import { INSTALL_ORTHANC, Orthanc, orthancIsInstalled } from './orthanc';

const JPEG_LS_SERIES = '../shared/data/ct/wholebody-ffs-jpegls';
const JPEG_LS_SLICES = 6;
const SMALL = { columns: 64, sliceSpacingMm: 20 };

/** What OHIF reads of searches: its worklist, its study browser and its series list. */
const STUDY_TAGS = [
  ...['0020000D', '00080020', '00080030', '00080050', '00080061', '00081030', '00100010'],
  ...['00100020', '00100030', '00201206', '00201208'],
];
const SERIES_TAGS = [
  '0020000D',
  '0020000E',
  '00080021',
  '00080060',
  '0008103E',
  '00200011',
  '00201209',
];
const INSTANCE_TAGS = ['00080016', '00080018', '00200013', '00280010', '00280011', '00280100'];

const first = (dataset: Dataset, tag: string) => dataset[tag]?.Value?.[0] as string;
const byUid = (datasets: Dataset[], tag: string) =>
  new Map(datasets.map((dataset) => [first(dataset, tag), dataset]));

/** Those of the attributes named that are there; an empty one and a missing one are the same. */
function pick(dataset: Dataset | undefined, tags: readonly string[]): Dataset {
  const filled = tags.filter((tag) => (dataset?.[tag]?.Value ?? []).length > 0);
  return Object.fromEntries(filled.map((tag) => [tag, dataset![tag]!]));
}

/** `ours` has all of `tags` that `theirs` has, with the same values. */
function expectSame(ours: Dataset | undefined, theirs: Dataset, tags: readonly string[]): void {
  const expected = pick(theirs, tags);
  expect(Object.keys(expected).length).toBeGreaterThanOrEqual(tags.length - 2);
  expect(pick(ours, Object.keys(expected))).toEqual(expected);
}

const maybe = orthancIsInstalled() ? describe : describe.skip;

maybe(`beside Orthanc (${INSTALL_ORTHANC})`, () => {
  let folder: string;
  let files: string[];
  let orthanc: Orthanc;
  let server: RunningServer;
  let theirs: Client;
  let ours: Client;
  const everySeries: [studyInstanceUID: string, seriesInstanceUID: string][] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'find-l3-beside-orthanc-'));
    const dicom = join(folder, 'dicom');
    await writePhantomSeries(join(dicom, 'abdomen'), SMALL);
    const compressed = await writePhantomSeries(join(dicom, 'compressed'), { ...SMALL, seed: 2 });
    await NativeCodecs.initializeAsync();
    // dcmjs complains of attributes whose VR depends on the pixels.
    dcmjs.log.getLogger('validation.dcmjs').disableAll();
    for (const path of compressed.files) {
      const bytes = await readFile(path);
      const transcoder = new Transcoder(new Uint8Array(bytes).buffer);
      transcoder.transcode(constants.TransferSyntax.JpegLsLossless);
      await writeFile(path, new Uint8Array(transcoder.getDicomPart10()));
    }
    if (existsSync(JPEG_LS_SERIES)) {
      const names = (await readdir(JPEG_LS_SERIES)).filter((name) => name.endsWith('.dcm'));
      await mkdir(join(dicom, 'shared'));
      for (const name of names.slice(0, JPEG_LS_SLICES)) {
        await copyFile(join(JPEG_LS_SERIES, name), join(dicom, 'shared', name));
      }
    }
    const all = await readdir(dicom, { recursive: true });
    files = all.filter((name) => name.endsWith('.dcm')).map((name) => join(dicom, name));
    orthanc = await Orthanc.start();
    await orthanc.upload(files);
    const storeDir = join(folder, 'stow');
    server = await startServer({ port: 0, folders: [dicom], pluginDir: null, storeDir });
    theirs = dicomwebClient(orthanc.dicomweb);
    ours = dicomwebClient(`${server.url}/dicomweb`);
    for (const study of (await studies(theirs)).keys()) {
      for (const uid of (await series(theirs, study)).keys()) everySeries.push([study, uid]);
    }
    expect(everySeries).toHaveLength(existsSync(JPEG_LS_SERIES) ? 3 : 2);
  }, 180_000);

  afterAll(async () => {
    await server?.close();
    await orthanc?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function studies(client: Client): Promise<Map<string, Dataset>> {
    const queryParams = { includefield: STUDY_TAGS.join(',') };
    return byUid(await client.searchForStudies({ queryParams }), '0020000D');
  }

  async function series(client: Client, studyInstanceUID: string): Promise<Map<string, Dataset>> {
    const queryParams = { includefield: SERIES_TAGS.join(',') };
    const found = await client.searchForSeries({ studyInstanceUID, queryParams });
    return byUid(found, '0020000E');
  }

  test('finds the same studies', async () => {
    const [expected, found] = [await studies(theirs), await studies(ours)];
    expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [uid, study] of expected) {
      expectSame(found.get(uid), study, STUDY_TAGS);
    }
  });

  // Written so that nothing is percent-encoded: Orthanc 1.10 does not decode it in searches.
  test.each([
    ['PatientName=*phantom*', 2],
    ['PatientName=PHANTOM^STANDARD', 2],
    ['PatientID=PHANTOM-STANDARD-?', 2],
    ['00100020=*-2', 1],
    ['StudyDescription=*abdomen*', 2],
    ['StudyDescription=*ABDOMEN*', 2],
    ['StudyDate=20250101', 2],
    ['StudyDate=20241231-20250102', 2],
    ['StudyDate=20250102-', 0],
    ['StudyDate=-20241231&PatientName=phantom*', 0],
    ['ModalitiesInStudy=CT&PatientName=phantom*', 2],
    ['ModalitiesInStudy=MR', 0],
    ['AccessionNumber=none', 0],
    ['limit=1', 1],
    ['PatientName=phantom*&offset=1', 1],
  ])('finds the same studies by %s', async (query, count) => {
    const found = async (root: string) => {
      const answer = await fetch(`${root}/studies?${query}`);
      const all = (await answer.json()) as Dataset[];
      return [answer.status, all.length];
    };
    expect(await found(orthanc.dicomweb)).toEqual([200, count]);
    expect(await found(`${server.url}/dicomweb`)).toEqual([200, count]);
  });

  test('finds the same series and instances', async () => {
    for (const study of (await studies(theirs)).keys()) {
      const [expected, found] = [await series(theirs, study), await series(ours, study)];
      expect([...found.keys()]).toEqual([...expected.keys()]);
      for (const [uid, one] of expected) {
        expectSame(found.get(uid), one, SERIES_TAGS);
        const query = { studyInstanceUID: study, seriesInstanceUID: uid };
        const instances = (client: Client) =>
          client.searchForInstances(query).then((all) => byUid(all, '00080018'));
        const [theirInstances, ourInstances] = [await instances(theirs), await instances(ours)];
        expect(ourInstances.size).toBe(theirInstances.size);
        for (const [sop, instance] of theirInstances) {
          expectSame(ourInstances.get(sop), instance, INSTANCE_TAGS);
        }
      }
    }
  });

  test('gives the same metadata: every public attribute', async () => {
    for (const [studyInstanceUID, seriesInstanceUID] of everySeries) {
      const metadata = async (client: Client) => {
        const all = await client.retrieveSeriesMetadata({ studyInstanceUID, seriesInstanceUID });
        return byUid(all, '00080018');
      };
      const [expected, found] = [await metadata(theirs), await metadata(ours)];
      expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
      for (const [uid, dataset] of expected) {
        // Text is UTF-8 in JSON, which this server says and Orthanc does not; pixel data is compared below.
        const compared = (tag: string) =>
          Number.parseInt(tag.slice(0, 4), 16) % 2 === 0 && !['00080005', '7FE00010'].includes(tag);
        const tags = Object.keys(dataset).filter(compared);
        expect(tags.length).toBeGreaterThan(50);
        expect(pick(found.get(uid), tags)).toEqual(pick(dataset, tags));
      }
    }
  });

  test('gives the same frames, compressed ones as they are stored', async () => {
    let compressed = 0;
    for (const [studyInstanceUID, seriesInstanceUID] of everySeries) {
      const found = await theirs.searchForInstances({ studyInstanceUID, seriesInstanceUID });
      for (const instance of found.slice(0, 5)) {
        const frames = async (client: Client) => {
          const [bytes] = await client.retrieveInstanceFrames({
            studyInstanceUID,
            seriesInstanceUID,
            sopInstanceUID: first(instance, '00080018'),
            frameNumbers: [1],
            mediaTypes: [{ mediaType: 'application/octet-stream', transferSyntaxUID: '*' }],
          });
          return Buffer.from(bytes!);
        };
        const [expected, given] = [await frames(theirs), await frames(ours)];
        const native =
          2 * Number(first(instance, '00280010')) * Number(first(instance, '00280011'));
        if (expected.length < native) compressed += 1;
        expect(given.equals(expected)).toBe(true);
      }
    }
    expect(compressed).toBeGreaterThanOrEqual(5);
  });

  test('stores what a client sends, and what is refused is refused by both', async () => {
    const more = await writePhantomSeries(join(folder, 'more'), { ...SMALL, seed: 3 });
    const datasets = await Promise.all(
      more.files.slice(0, 3).map(async (path) => new Uint8Array(await readFile(path)).buffer),
    );
    const query = { queryParams: { StudyInstanceUID: more.studyInstanceUID } };
    for (const client of [theirs, ours]) {
      expect(await client.searchForStudies(query)).toEqual([]);
      await client.storeInstances({ datasets });
      const [study] = await client.searchForStudies(query);
      expect(first(study!, '00201208')).toBe(3);
      const noImage = new TextEncoder().encode('no image').buffer as ArrayBuffer;
      await expect(client.storeInstances({ datasets: [noImage] })).rejects.toThrow();
    }
    const { studyInstanceUID, seriesInstanceUID } = more;
    const whole = async (client: Client) => {
      const all = await client.retrieveSeries({ studyInstanceUID, seriesInstanceUID });
      return all.map((bytes) => bytes.byteLength).sort();
    };
    expect(await whole(ours)).toEqual(await whole(theirs));
  });

  test('shows what Orthanc holds, through this server', async () => {
    const viewer = await openViewer({ dicomweb: orthanc.dicomweb, pluginDir: null });
    try {
      const proxied = dicomwebClient(`${viewer.server.url}/dicomweb`);
      expect([...(await studies(proxied)).keys()]).toEqual([...(await studies(theirs)).keys()]);
      for (const [study, uid] of everySeries) {
        await openStudy(viewer, study);
        const [shown] = await shownImages(viewer.page);
        const query = { studyInstanceUID: study, seriesInstanceUID: uid };
        const instances = await theirs.searchForInstances(query);
        expect(instances.map((one) => first(one, '00080018'))).toContain(shown!.sopInstanceUID);
        await viewer.screenshot(`orthanc-${uid.slice(-8)}`);
      }
      expect(
        viewer.log.filter((line) => /Content Security Policy|\[pageerror\]/.test(line)),
      ).toEqual([]);
    } finally {
      await viewer.close();
    }
  }, 240_000);
});
