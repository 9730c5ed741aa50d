import { gzipSync } from 'node:zlib';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { DicomIndex, type ScanReport } from '../../../src/server/dicomweb/dicomIndex';
import { dicomwebService } from '../../../src/server/dicomweb/dicomwebService';
import { InstanceStore } from '../../../src/server/store/instanceStore';
import { scanLines } from '../../../src/server/scanLines';
import { fileStart, readBody } from '../../../src/dicom/part10';
import { ctSlice, dicomBytes, int16Bytes } from '../io/writeDicom';
import { ask } from './http';
import type { DicomSpec, Elements } from '../io/writeDicom';

const SERIES = '/studies/1.2.3/series/1.2.3.4';
const WORDS = Array.from({ length: 64 }, (_, i) => i);
let folder: string;
let index: DicomIndex;
let report: ScanReport;
let app: FastifyInstance;

/** A service over files of one series, named by their number. */
async function serve(files: Record<string, Buffer>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(join(folder, 'in', name, '..'), { recursive: true });
    await writeFile(join(folder, 'in', name), bytes);
  }
  index = new DicomIndex();
  report = await index.addFolder(join(folder, 'in'));
  const store = new InstanceStore({ folder: join(folder, 'stow') }, index);
  app = Fastify({ routerOptions: { maxParamLength: 5000 } });
  await app.register(dicomwebService, { prefix: '', index, store });
  await app.listen({ port: 0, host: '127.0.0.1' });
}

const slice = (n: number, spec: Partial<DicomSpec> = {}, more: Elements = {}) =>
  dicomBytes({ elements: ctSlice(5 * n, int16Bytes(WORDS), { more }), ...spec });
const get = (url: string, accept = '*/*') =>
  ask((app.server.address() as AddressInfo).port, {
    url,
    headers: { accept, host: 'localhost:80' },
  });
const metadata = async () => JSON.parse((await get(`${SERIES}/metadata`)).body);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'find-l3-odd-'));
});
afterEach(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

test('a file without preamble, or that lies about its encoding, is on the worklist and readable', async () => {
  const lying = slice(2, { transferSyntaxUID: '1.2.840.10008.1.2' });
  const packed = gzipSync(slice(3));
  await serve({ a: slice(1, { part10: false, encoding: 'implicit' }), b: lying, c: packed });
  expect(report).toMatchObject({ added: 2, notDicom: 1, malformed: [] });
  for (const dataset of await metadata()) {
    const uid = dataset['00080018'].Value[0];
    const frame = await get(`${SERIES}/instances/${uid}/frames/1`, 'application/octet-stream');
    expect(frame.rawPayload).toEqual(int16Bytes(WORDS));
    expect(dataset['00280010']).toEqual({ vr: 'US', Value: [8] });
    // The file itself goes out as PS3.10 wants it, for readers that go by it.
    const file = (await get(`${SERIES}/instances/${uid}`, 'application/dicom')).rawPayload;
    const start = fileStart(file)!;
    const { transferSyntaxUID, dataSet } = readBody(file, start.bodyOffset, start);
    expect([start.hasPreamble, start.transferSyntaxUID]).toEqual([true, transferSyntaxUID]);
    expect(dataSet.text('x00080018')).toBe(uid);
  }
});

test('two patients under one Study Instance UID: a person is told', async () => {
  const other = { '00080018 UI': '1.2.3.4.9', '00100020 LO': 'OTHER', '00100010 PN': 'Roe^Jane' };
  const one = { '00100020 LO': 'ONE', '00100010 PN': 'Doe^Jane' };
  await serve({ a: slice(1, {}, one), b: slice(2, {}, one), c: slice(3, {}, other) });
  expect(report).toMatchObject({ added: 3, otherPatients: 1 });
  expect(scanLines(join(folder, 'in'), report)).toEqual([
    expect.stringMatching(/^Warning: in \S+, a study of one patient holds 1 file of another/),
  ]);
});

test('images that share a SOP Instance UID are all shown, copies once, and a person is told', async () => {
  const same = { '00080018 UI': '1.2.3.4.5' };
  const files = [1, 2, 3].map((n) => slice(n, {}, same));
  await serve({ a: files[0], b: files[1], c: files[2], copy: files[0] });
  expect(report).toMatchObject({ added: 1, renamed: 2, duplicates: 1 });
  const uids = (await metadata()).map((d: never) => d['00080018']['Value'][0]);
  expect(new Set(uids).size).toBe(3);
  const heights = (await metadata()).map((d: never) => d['00200032']['Value'][2]);
  expect(heights.sort()).toEqual([10, 15, 5]);
  expect(scanLines(join(folder, 'in'), report).join('\n')).toMatch(
    /2 files of .* share the SOP Instance UID of another image/,
  );
  const again = new DicomIndex();
  await again.addFolder(join(folder, 'in'));
  const known = [...again.studies.get('1.2.3')!.series.get('1.2.3.4')!.instances.keys()];
  expect(known.sort()).toEqual([...uids].sort());
});

test('what an archive called UN is what the dictionary says', async () => {
  const unknown: Elements = { '00281050 UN': Buffer.from('40.5'), '00280106 UN': Buffer.of(7, 1) };
  await serve({ a: slice(1, {}, unknown) });
  const [dataset] = await metadata();
  expect(dataset['00281050']).toEqual({ vr: 'DS', Value: [40.5] });
  expect(dataset['00280106']).toEqual({ vr: 'SS', Value: [263] });
});

test('what a scan passes over is told once a cause, with the number of files', async () => {
  const whole = slice(1);
  await serve({
    'a.dcm': whole,
    'copy.dcm': whole,
    'cut1.dcm': slice(2).subarray(0, -20),
    'cut2.dcm': slice(3).subarray(0, -30),
    'cut3.dcm': slice(4).subarray(0, -40),
    'nameless.dcm': slice(5, {}, { '00080018 UI': '' }),
    'notes.txt': Buffer.from('text'),
  });
  const at = join(folder, 'in');
  expect(scanLines(at, report)).toEqual([
    `Passed over 6 files of ${at}:`,
    '  cut1.dcm and 2 other files: the DICOM file is damaged or cut off: its pixel data are incomplete',
    '  nameless.dcm: has no SOPInstanceUID',
    '  1 file: the same image is there already',
    '  1 file: no DICOM image or report',
  ]);
});
