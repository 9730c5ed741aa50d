import { pixelFormatOf } from '../../../../src/dicom/pixelFormat';
import { readRawFrame } from '../../../../src/viewer/host/rawFrames';
import {
  ctSlice,
  dicomBytes,
  encapsulated,
  ENCAPSULATED,
  int16Bytes,
  without,
} from '../../io/writeDicom';

const FORMAT = pixelFormatOf({
  rows: 2,
  columns: 3,
  bitsAllocated: 16,
  bitsStored: 12,
  highBit: 15,
  pixelRepresentation: 0,
  pixelPaddingValue: null,
  pixelPaddingRangeLimit: null,
});
const WORDS = [1, 2, 3, 0x0d0a, 0x2d2d, 65535];
const FRAME = int16Bytes(WORDS);
const FRAMES = 'wadors:http://pacs/studies/1/series/2/instances/3/frames/1';

let answer: { status?: number; type?: string; body: Buffer };
let asked: { address: string; headers: Record<string, string> } | null;
const realFetch = globalThis.fetch;
beforeEach(() => {
  asked = null;
  globalThis.fetch = (async (address: string, { headers }: { headers: Record<string, string> }) => {
    asked = { address, headers };
    const { status = 200, type = '', body } = answer;
    return new Response(new Uint8Array(body), { status, headers: { 'Content-Type': type } });
  }) as typeof fetch;
});
afterAll(() => (globalThis.fetch = realFetch));

const read = (imageId = FRAMES) => readRawFrame(imageId, FORMAT, { Authorization: 'Bearer x' });
const multipart = (syntax: string, bytes = FRAME) => ({
  type: 'multipart/related; type="application/octet-stream"; boundary=b0',
  body: Buffer.concat([
    Buffer.from(`\r\n--b0\r\nContent-Type: application/octet-stream${syntax}\r\n\r\n`),
    bytes,
    Buffer.from('\r\n--b0--'),
  ]),
});

test.each([
  ['of a stated syntax', '; transfer-syntax=1.2.840.10008.1.2.1', FRAME],
  ['of an unstated one', '', FRAME],
  ['in big endian', '; transfer-syntax=1.2.840.10008.1.2.2', Buffer.from(FRAME).swap16()],
])('a frame by DICOMweb, %s, with the host’s authorisation', async (_name, syntax, bytes) => {
  answer = multipart(syntax, bytes);
  expect(Array.from((await read())!)).toEqual(WORDS);
  expect(asked!.address).toBe(FRAMES.slice('wadors:'.length));
  expect(asked!.headers).toMatchObject({ Authorization: 'Bearer x' });
});

test('a frame without parts around it', async () => {
  answer = { type: 'application/octet-stream', body: FRAME };
  expect(Array.from((await read())!)).toEqual(WORDS);
});

test('a compressed frame is none', async () => {
  answer = multipart('; transfer-syntax=1.2.840.10008.1.2.4.90');
  expect(await read()).toBeNull();
});

test('a frame of a file, by its number', async () => {
  const pixels = Buffer.concat([int16Bytes([9, 9, 9, 9, 9, 9]), FRAME]);
  const elements = ctSlice(0, pixels, { rows: 2, columns: 3, more: { '00280008 IS': 2 } });
  answer = { body: dicomBytes({ elements }) };
  expect(Array.from((await read('dicomweb:http://pacs/one.dcm?frame=2'))!)).toEqual(WORDS);
  expect(asked!.address).toBe('http://pacs/one.dcm');
  const header = without(elements, '7FE00010 OW');
  const compressed = { ...header, [ENCAPSULATED]: encapsulated([Buffer.alloc(8)]) };
  answer = { body: dicomBytes({ elements: compressed, transferSyntaxUID: '1.2.840.10008.1.2.5' }) };
  expect(await read('wadouri:http://pacs/one.dcm')).toBeNull();
});

test('what the server refuses, or cuts, is an error; what cannot be reached is none', async () => {
  answer = { status: 401, body: Buffer.alloc(0) };
  await expect(read()).rejects.toThrow('status 401');
  answer = multipart('', FRAME.subarray(0, 4));
  answer.body = answer.body.subarray(0, -8 - 4);
  await expect(read()).rejects.toThrow(/end before frame 1/);
  expect(await read('dicomfile:0')).toBeNull();
});
