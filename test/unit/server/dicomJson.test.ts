import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DicomFileError, readHeader } from '../../../src/server/dicomweb/dicomHeader';
import { toDicomJson, type DicomJsonDataset } from '../../../src/server/dicomweb/dicomJson';
import {
  BIG_ENDIAN,
  ctSlice,
  DEFLATED,
  dicomFile,
  EXPLICIT,
  IMPLICIT,
  type Attribute,
} from './dicomBytes';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'find-l3-json-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(bytes: Buffer, bulkDataUriOf?: (path: string) => string) {
  const path = join(folder, 'one.dcm');
  await writeFile(path, bytes);
  const { dataSet } = await readHeader(path);
  return toDicomJson(dataSet, bulkDataUriOf);
}

function json(...attributes: Attribute[]): Promise<DicomJsonDataset> {
  return read(dicomFile(EXPLICIT, attributes));
}

describe('the DICOM JSON model of a file', () => {
  test('splits and trims text, and leaves empty values out', async () => {
    const dataset = await json(
      ['00080008', 'CS', 'ORIGINAL\\PRIMARY \\\\AXIAL'],
      ['00080050', 'SH', ''],
      ['0008103E', 'LO', ' a  b '],
      ['00104000', 'LT', ' one\\two '],
      ['0020000D', 'UI', '1.2.3'],
    );
    expect(dataset).toEqual({
      '00080008': { vr: 'CS', Value: ['ORIGINAL', 'PRIMARY', null, 'AXIAL'] },
      '00080050': { vr: 'SH' },
      '0008103E': { vr: 'LO', Value: ['a  b'] },
      '00104000': { vr: 'LT', Value: [' one\\two'] },
      '0020000D': { vr: 'UI', Value: ['1.2.3'] },
    });
  });

  test('gives numbers as numbers, and keeps text that is none', async () => {
    const dataset = await json(
      ['00101030', 'DS', '1e2'],
      ['00200013', 'IS', '+7'],
      ['00200032', 'DS', '-1.5\\\\ 30 '],
      ['00201041', 'DS', 'unknown'],
      ['00280010', 'US', [512]],
      ['00280106', 'SS', [-1024]],
      ['00189074', 'FD', [0.1, 2]],
      ['00189075', 'FL', [0.5]],
    );
    expect(dataset['00101030']!.Value).toEqual([100]);
    expect(dataset['00200013']!.Value).toEqual([7]);
    expect(dataset['00200032']!.Value).toEqual([-1.5, null, 30]);
    expect(dataset['00201041']!.Value).toEqual(['unknown']);
    expect(dataset['00280010']!.Value).toEqual([512]);
    expect(dataset['00280106']!.Value).toEqual([-1024]);
    expect(dataset['00189074']!.Value).toEqual([0.1, 2]);
    expect(dataset['00189075']!.Value).toEqual([0.5]);
  });

  test('gives tags as hexadecimal digits', async () => {
    const dataset = await json(['00280009', 'AT', Buffer.from('18006310', 'hex')]);
    expect(dataset['00280009']).toEqual({ vr: 'AT', Value: ['00181063'] });
  });

  test('gives names by their component groups, decoded (PS3.5 H.3 and I.2)', async () => {
    const yamada =
      'Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B';
    const japanese = await json(['00080005', 'CS', '\\ISO 2022 IR 87'], ['00100010', 'PN', yamada]);
    expect(japanese['00100010']!.Value).toEqual([
      { Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎', Phonetic: 'やまだ^たろう' },
    ]);
    const hong =
      'Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf';
    const korean = await json(['00080005', 'CS', '\\ISO 2022 IR 149'], ['00100010', 'PN', hong]);
    expect(korean['00100010']!.Value).toEqual([
      { Alphabetic: 'Hong^Gildong', Ideographic: '洪^吉洞', Phonetic: '홍^길동' },
    ]);
    const german = await json(
      ['00080005', 'CS', 'ISO_IR 100'],
      ['00100010', 'PN', 'M\xfcller^J\xf6rg'],
    );
    expect(german['00100010']!.Value).toEqual([{ Alphabetic: 'Müller^Jörg' }]);
    expect(german['00080005']).toEqual({ vr: 'CS', Value: ['ISO_IR 192'] });
  });

  test('nests sequences, and names long binary values by their place', async () => {
    const long = Buffer.alloc(600, 7);
    const item: Attribute[] = [
      ['00081150', 'UI', '1.2'],
      ['00091001', 'OB', long],
    ];
    const bytes = dicomFile(EXPLICIT, [
      ['00081140', 'SQ', [[['00081150', 'UI', '1.1']], item]],
      ['00081199', 'SQ', []],
      ['00091001', 'UN', Buffer.from([1, 2, 3, 4])],
      ['00091002', 'OW', long],
      ['7FE00010', 'OW', Buffer.from([9, 9])],
    ]);
    expect(await read(bytes, (path) => `at/${path}`)).toEqual({
      '00081140': {
        vr: 'SQ',
        Value: [
          { '00081150': { vr: 'UI', Value: ['1.1'] } },
          {
            '00081150': { vr: 'UI', Value: ['1.2'] },
            '00091001': { vr: 'OB', BulkDataURI: 'at/00081140/2/00091001' },
          },
        ],
      },
      '00081199': { vr: 'SQ' },
      '00091001': { vr: 'UN', InlineBinary: 'AQIDBA==' },
      '00091002': { vr: 'OW', BulkDataURI: 'at/00091002' },
      '7FE00010': { vr: 'OW', BulkDataURI: 'at/7FE00010' },
    });
  });

  test('is the same in every uncompressed transfer syntax', async () => {
    const more: Attribute[] = [
      ['00081140', 'SQ', [[['00081155', 'UI', '1.9']], [['00081155', 'UI', '1.8']]]],
      ['00280106', 'SS', [-5]],
    ];
    const file = (transferSyntax: string) => ctSlice({ transferSyntax, more, signed: true });
    const explicit = await read(file(EXPLICIT));
    expect(explicit['00280106']).toEqual({ vr: 'SS', Value: [-5] });
    expect(Object.keys(explicit).filter((tag) => tag.startsWith('0002'))).toEqual([]);
    for (const transferSyntax of [IMPLICIT, BIG_ENDIAN, DEFLATED]) {
      expect(await read(file(transferSyntax))).toEqual(explicit);
    }
  });
});

describe('a file that cannot be used', () => {
  async function refusal(bytes: Buffer): Promise<DicomFileError> {
    const failure: unknown = await read(bytes).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DicomFileError);
    return failure as DicomFileError;
  }

  test('is told from one of another kind', async () => {
    expect((await refusal(Buffer.from('%PDF-1.7'))).kind).toBe('not-dicom');
    expect((await refusal(Buffer.alloc(1000))).kind).toBe('not-dicom');
    expect((await refusal(Buffer.alloc(0))).kind).toBe('not-dicom');
  });

  const whole = ctSlice({ pixels: new Array(600).fill(1) });
  test.each([
    ['pixel data', whole.length - 40, /its pixel data are incomplete$/],
    ['header', whole.indexOf('Abdomen') + 3, /its header cannot be followed to the end$/],
  ])('is refused where it breaks off in its %s', async (_where, length, message) => {
    const refused = await refusal(whole.subarray(0, length));
    expect(refused.kind).toBe('malformed');
    expect(refused.message).toMatch(message);
  });

  test('is refused where its bytes are noise behind a DICOM prefix', async () => {
    const noise = Buffer.from(Array.from({ length: 4000 }, (_, at) => (at * 7919 + 13) % 251));
    noise.write('DICM', 128, 'latin1');
    expect((await refusal(noise)).kind).toBe('malformed');
  });
});

test('a header longer than the first read is read to its end', async () => {
  const more: Attribute[] = [['00091002', 'OB', Buffer.alloc(300_000, 1)]];
  const dataset = await read(ctSlice({ more, number: 42 }), (path) => path);
  expect(dataset['00091002']).toEqual({ vr: 'OB', BulkDataURI: '00091002' });
  expect(dataset['00200013']!.Value).toEqual([42]);
});
