import { instanceFile } from '../../../../src/viewer/host/instanceFile';
import { LocalFiles } from '../../../../src/viewer/host/localFiles';
import { firstPart } from '../../../../src/viewer/host/multipart';
import { dicomBytes } from '../../io/writeDicom';

const UID = '1.2.3.41';
const fileOfInstance = (uid: string) =>
  dicomBytes({
    elements: { '00080016 UI': '1.2.840.10008.5.1.4.1.1.2', '00080018 UI': uid },
  });
/** Pixels that hold what looks like a boundary. */
const FILE = Buffer.concat([fileOfInstance(UID), Buffer.from('\r\n--b\r\n--')]);
const multipart = Buffer.concat([
  Buffer.from(
    '--b0\r\nContent-Type: application/dicom; transfer-syntax=1.2.840.10008.1.2.1\r\n\r\n',
  ),
  FILE,
  Buffer.from('\r\n--b0--\r\n'),
]);
const RELATED = 'multipart/related; type="application/dicom"; boundary=b0';

let answer: { status?: number; type?: string; body: Buffer } | Error;
const asked: { address: string; headers: Record<string, string> }[] = [];
const realFetch = globalThis.fetch;
beforeEach(() => {
  asked.length = 0;
  globalThis.fetch = (async (address: string, { headers }: { headers: Record<string, string> }) => {
    asked.push({ address, headers });
    if (answer instanceof Error) throw answer;
    const { status = 200, type = 'application/dicom', body } = answer;
    return new Response(new Uint8Array(body), { status, headers: { 'Content-Type': type } });
  }) as typeof fetch;
});
afterAll(() => (globalThis.fetch = realFetch));

const headers = { Authorization: 'Bearer x' };
const read = (imageId: string, localFiles = new LocalFiles()) =>
  instanceFile(imageId, UID, { headers, localFiles });
const FRAME = 'wadors:https://pacs/studies/1/series/2/instances/3/frames/1';

test.each([
  ['of a multipart body', { type: RELATED, body: multipart }],
  ['of a plain one', { body: FILE }],
])('WADO-RS: the instance as it is stored, byte for byte, %s', async (_, given) => {
  answer = given;
  expect(Buffer.from(await read(FRAME)).equals(FILE)).toBe(true);
  expect(asked).toEqual([
    {
      address: 'https://pacs/studies/1/series/2/instances/3',
      headers: {
        ...headers,
        Accept: 'multipart/related; type="application/dicom"; transfer-syntax=*',
      },
    },
  ]);
});

test.each([
  ['wadouri:https://pacs/wado?objectUID=3&frame=2', 'https://pacs/wado?objectUID=3'],
  ['wadouri:https://pacs/wado?frame=2&objectUID=3', 'https://pacs/wado?objectUID=3'],
  ['dicomweb:https://web/0001.dcm', 'https://web/0001.dcm'],
])('a file by its address: %s', async (imageId, address) => {
  answer = { body: FILE };
  expect(Buffer.from(await read(imageId)).equals(FILE)).toBe(true);
  expect(asked).toEqual([{ address, headers }]);
});

test('another instance, a page, an error or no answer are no slice', async () => {
  const other = fileOfInstance('1.2.3.4');
  answer = { body: other };
  await expect(read(FRAME)).rejects.toThrow('another file than the slice');
  answer = { body: Buffer.from('<html>Log in</html>'), type: 'text/html' };
  await expect(read(FRAME)).rejects.toThrow('another file than the slice');
  answer = { status: 401, body: Buffer.alloc(0) };
  await expect(read(FRAME)).rejects.toThrow('HTTP 401');
  answer = new Error('Failed to fetch');
  await expect(read(FRAME)).rejects.toThrow('Failed to fetch');
  await expect(read('find-l3-nifti:2.25.1/3')).rejects.toThrow('not DICOM');
});

test('a multipart body without a part is an error; what is behind the last boundary is not read', () => {
  expect(() => firstPart(Buffer.from('--b0--'), RELATED)).toThrow('without parts');
  const { bytes } = firstPart(Buffer.concat([multipart, Buffer.from('epilogue')]), RELATED);
  expect(Buffer.from(bytes).equals(FILE)).toBe(true);
});

describe('files of this computer', () => {
  const listeners = new Map<string, (event: unknown) => void>();
  const local = () => {
    Object.assign(globalThis, {
      window: {
        addEventListener: (name: string, listener: (event: unknown) => void) =>
          listeners.set(name, listener),
      },
    });
    const files = new LocalFiles();
    files.listen();
    return files;
  };
  const fileOf = (uid: string) => new File([new Uint8Array(fileOfInstance(uid))], `${uid}.dcm`);
  const entry = (file: File) => ({ isFile: true, file: (done: (f: File) => void) => done(file) });
  const folder = (...entries: object[]) => ({
    isFile: false,
    createReader: () => ({ readEntries: (done: (e: object[]) => void) => done(entries.splice(0)) }),
  });
  const drop = (...entries: object[]) =>
    listeners.get('drop')!({
      dataTransfer: {
        items: entries.map((one) => ({ kind: 'file', webkitGetAsEntry: () => one })),
      },
    });

  test('a dropped folder is looked through for the file of the slice', async () => {
    const files = local();
    drop(folder(entry(fileOf('1.2.3.40')), folder(entry(fileOf(UID)))));
    const file = fileOfInstance(UID);
    const bytes = await read('dicomfile:7', files);
    expect(Buffer.from(bytes).equals(file)).toBe(true);
    expect(asked).toEqual([]);
  });

  test('one that is not there any more is said', async () => {
    const files = local();
    drop(entry(fileOf('1.2.3.40')));
    await expect(read('dicomfile:7', files)).rejects.toThrow('not at hand any more');
  });
});
