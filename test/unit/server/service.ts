import Fastify, { type FastifyInstance } from 'fastify';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DicomIndex, type ScanReport } from '../../../src/server/dicomweb/dicomIndex';
import type { DicomJsonDataset } from '../../../src/server/dicomweb/dicomJson';
import { dicomwebService } from '../../../src/server/dicomweb/dicomwebService';
import { REQUEST_LIMITS, type RequestLimits } from '../../../src/server/requestLimits';
import { InstanceStore } from '../../../src/server/store/instanceStore';
import { BIG_ENDIAN, ctSlice, DEFLATED, IMPLICIT, JPEG_LS } from './dicomBytes';
import { ask, type Answer } from './http';

/** Three frames, or one frame in three parts, as far as the service looks into them. */
export const FRAGMENTS = [
  Buffer.from('frag one'),
  Buffer.from('fragment two'),
  Buffer.from('3rd!'),
];
const OTHER = {
  study: '2.5',
  name: 'M\xfcller^Ren\xe9e',
  date: '20230615',
  description: 'Chest (low dose)',
};
/** The files of the service, by their path below its folder. */
export const FILES: Record<string, Buffer> = {
  'a/1.dcm': ctSlice({ sop: '1.2.3.1.1', number: 1 }),
  'a/2': ctSlice({ sop: '1.2.3.1.2', number: 2 }),
  'a/copy.dcm': ctSlice({ sop: '1.2.3.1.2', number: 2 }),
  'a/readme.txt': Buffer.from('no image'),
  'b/sr.dcm': ctSlice({ series: '1.2.3.2', sop: '1.2.3.2.1', modality: 'SR' }),
  'b/cut.dcm': ctSlice({ sop: '1.2.3.1.9' }).subarray(0, -4),
  'b/nameless.dcm': ctSlice({ sop: '' }),
  'other/implicit.dcm': ctSlice({
    ...OTHER,
    series: '2.5.1',
    sop: '2.5.1.1',
    transferSyntax: IMPLICIT,
    more: [['00091002', 'OB', Buffer.alloc(600, 5)]],
  }),
  'other/big.dcm': ctSlice({
    ...OTHER,
    series: '2.5.2',
    sop: '2.5.2.1',
    modality: 'MR',
    transferSyntax: BIG_ENDIAN,
    frames: 2,
  }),
  'other/deflated.dcm': ctSlice({
    ...OTHER,
    series: '2.5.2',
    sop: '2.5.2.2',
    modality: 'MR',
    transferSyntax: DEFLATED,
  }),
  'jls/single.dcm': ctSlice({
    study: '3.1',
    series: '3.1.1',
    sop: '3.1.1.1',
    transferSyntax: JPEG_LS,
    encapsulated: { fragments: FRAGMENTS },
  }),
  'jls/each.dcm': ctSlice({
    study: '3.1',
    series: '3.1.1',
    sop: '3.1.1.2',
    frames: 3,
    transferSyntax: JPEG_LS,
    encapsulated: { fragments: FRAGMENTS },
  }),
  'jls/table.dcm': ctSlice({
    study: '3.1',
    series: '3.1.1',
    sop: '3.1.1.3',
    frames: 2,
    transferSyntax: JPEG_LS,
    // The second frame begins with the third item: after two items with heads of 8 bytes.
    encapsulated: { fragments: FRAGMENTS, offsets: [0, 8 + 8 + 8 + 12] },
  }),
  'jls/lost.dcm': ctSlice({
    study: '3.1',
    series: '3.1.1',
    sop: '3.1.1.4',
    frames: 2,
    transferSyntax: JPEG_LS,
    encapsulated: { fragments: FRAGMENTS },
  }),
};
/** The first frame of each uncompressed file, in little endian byte order. */
export const NATIVE = Buffer.from('000001010202030304040505', 'hex');

/** The service over FILES, listening on this machine. */
export class TestService {
  private constructor(
    private readonly app: FastifyInstance,
    readonly port: number,
    readonly folder: string,
    readonly report: ScanReport,
  ) {}

  static async start(limits: Partial<RequestLimits> = {}): Promise<TestService> {
    const folder = await mkdtemp(join(tmpdir(), 'find-l3-dicomweb-'));
    for (const [name, bytes] of Object.entries(FILES)) {
      await mkdir(join(folder, 'in', name, '..'), { recursive: true });
      await writeFile(join(folder, 'in', name), bytes);
    }
    await symlink(join(folder, 'in'), join(folder, 'in', 'b', 'loop'));
    const index = new DicomIndex();
    const report = await index.addFolder(join(folder, 'in'));
    const store = new InstanceStore({ folder: join(folder, 'stow') }, index);
    const app = Fastify({ routerOptions: { maxParamLength: 5000 } });
    await app.register(dicomwebService, {
      ...{ prefix: '/dicomweb', index, store },
      limits: { ...REQUEST_LIMITS, ...limits },
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    return new TestService(app, port, folder, report);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await rm(this.folder, { recursive: true });
  }

  async get(path: string, accept?: string) {
    const headers = { host: 'localhost:80', ...(accept === undefined ? {} : { accept }) };
    return readable(await ask(this.port, { url: `/dicomweb${path}`, headers }));
  }

  async post(
    payload: Buffer,
    path: string,
    contentType: string,
    more: Record<string, string> = {},
  ) {
    const headers = { host: 'localhost:80', 'content-type': contentType, ...more };
    const url = `/dicomweb${path}`;
    return readable(await ask(this.port, { method: 'POST', url, headers, payload }));
  }

  /** The data sets of a successful answer. */
  async found(path: string): Promise<DicomJsonDataset[]> {
    const answer = await this.get(path);
    expect([answer.statusCode, answer.body]).toEqual([200, expect.anything()]);
    expect(answer.headers['content-type']).toMatch(/^application\/dicom\+json/);
    return answer.json();
  }

  /** The first value of one attribute, from each data set of a successful answer. */
  async values(path: string, tag: string): Promise<unknown[]> {
    return (await this.found(path)).map((dataset) => dataset[tag]?.Value?.[0]);
  }
}

function readable(answer: Answer) {
  return { ...answer, json: () => JSON.parse(answer.body) };
}

/** The parts of a multipart body, taken apart by hand. */
export function parts({ headers, rawPayload }: { headers: object; rawPayload: Buffer }) {
  const type = (headers as Record<string, string>)['content-type']!;
  const text = rawPayload.toString('latin1');
  const boundary = /boundary=([^;]+)/.exec(type)![1]!;
  const pieces = text.split(`--${boundary}`);
  expect(pieces.at(-1)).toBe('--\r\n');
  return pieces.slice(1, -1).map((piece) => {
    const [head, ...body] = piece.split('\r\n\r\n');
    const bytes = body.join('\r\n\r\n').slice(0, -2);
    return {
      type: /Content-Type: (.*)/.exec(head!)![1],
      bytes: Buffer.from(bytes, 'latin1'),
    };
  });
}
