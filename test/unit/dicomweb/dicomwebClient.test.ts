import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialsFrom } from '../../../src/dicomweb/credentials';
import { DicomwebClient } from '../../../src/dicomweb/dicomwebClient';
import { DicomwebError } from '../../../src/dicomweb/dicomwebError';
import { retrieveSeries } from '../../../src/dicomweb/retrieve';
import { imagesOf, seriesOf, studiesOf } from '../../../src/dicomweb/search';
import { ctSlice, dicomBytes, int16Bytes } from '../io/writeDicom';
import { FakePacs, multipart } from './fakePacs';

const PIXELS = int16Bytes(new Int16Array(64));
const STUDY = '1.2.3';
const SERIES = { studyInstanceUID: STUDY, seriesInstanceUID: '1.2.4' };
const never = new AbortController().signal;

const image = (uid: string) =>
  dicomBytes({ elements: ctSlice(0, PIXELS, { more: { '00080018 UI': uid } }) });
const UIDS = ['1.5.1', '1.5.2', '1.5.3'];

let pacs: FakePacs;
let client: DicomwebClient;
let folder = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'find-l3-dicomweb-'));
  pacs = new FakePacs({ '1.2.4': Object.fromEntries(UIDS.map((uid) => [uid, image(uid)])) });
  await pacs.start();
  client = new DicomwebClient({
    root: `${pacs.root}/`,
    credentials: credentialsFrom(null, undefined),
    waitsMs: [1, 1],
  });
});
afterEach(async () => {
  await pacs.stop();
  rmSync(folder, { recursive: true });
});

/** Fails the first requests of an address, in this way. */
function failing(times: number, about: string, how: FakePacs['before']): void {
  let left = times;
  pacs.before = (request, response) =>
    request.url!.split('?')[0].endsWith(about) && left-- > 0 ? how(request, response) : false;
}
const answering =
  (status: number, headers = {}): FakePacs['before'] =>
  (_, response) => {
    response.writeHead(status, headers).end();
    return true;
  };
const breaking: FakePacs['before'] = (_, response) => {
  const whole = multipart(UIDS.map(image));
  response.writeHead(200, { 'Content-Type': 'multipart/related; boundary=b' });
  response.write(whole.subarray(0, whole.length / 2), () => response.destroy());
  return true;
};
const retrieve = () => retrieveSeries(client, SERIES, UIDS, folder, never);
async function all<T>(found: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of found) list.push(one);
  return list;
}

describe('a search', () => {
  it('turns the pages of a PACS that gives fewer than it is asked for', async () => {
    pacs.page = 2;
    expect(await imagesOf(client, SERIES, never)).toEqual(UIDS);
    expect(pacs.asked).toHaveLength(3);
  });

  it('ends where a PACS knows no pages', async () => {
    pacs.before = (_, response) => {
      response.end(JSON.stringify(UIDS.map((uid) => ({ '00080018': { Value: [uid] } }))));
      return true;
    };
    expect(await imagesOf(client, SERIES, never)).toEqual(UIDS);
    expect(pacs.asked).toHaveLength(2);
  });

  it('asks studies and series for what each has, and is strict where a PACS is not', async () => {
    const asked = [
      ['StudyDate', '20260101-20260131'],
      ['Modality', 'CT'],
      ['SeriesInstanceUID', '1.2.5'],
    ] as const;
    expect(await all(studiesOf(client, asked, never))).toEqual([STUDY]);
    expect(await seriesOf(client, STUDY, asked, never)).toEqual([]);
    expect(await seriesOf(client, STUDY, asked.slice(0, 2), never)).toMatchObject([SERIES]);
    expect(pacs.asked[0]).toBe('studies?StudyDate=20260101-20260131&limit=100&offset=0');
    expect(pacs.asked[2]).toBe(
      `studies/${STUDY}/series?Modality=CT&SeriesInstanceUID=1.2.5&limit=100&offset=0`,
    );
  });
});

describe('what fails for a passing reason', () => {
  it.each([429, 500, 503])('is asked again after %d', async (status) => {
    failing(2, 'instances', answering(status));
    expect(await imagesOf(client, SERIES, never)).toEqual(UIDS);
  });

  it('is asked again when the PACS says so', async () => {
    failing(1, 'instances', answering(429, { 'Retry-After': '1' }));
    const before = performance.now();
    await imagesOf(client, SERIES, never);
    expect(performance.now() - before).toBeGreaterThan(990);
  });

  it('is given up in the end, naming the address', async () => {
    failing(9, 'instances', answering(503));
    await expect(imagesOf(client, SERIES, never)).rejects.toMatchObject({
      kind: 'unreached',
      message: `${pacs.root}/studies/1.2.3/series/1.2.4/instances: the PACS answers HTTP 503, 3 times`,
    });
  });

  it('is not waited for when a person stops it', async () => {
    failing(9, 'instances', answering(429, { 'Retry-After': '200' }));
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    await expect(imagesOf(client, SERIES, stop.signal)).rejects.toThrow();
  });
});

it.each([401, 403, 302])('a login is not asked for again: %d', async (status) => {
  failing(9, 'instances', answering(status, { Location: '/login' }));
  await expect(imagesOf(client, SERIES, never)).rejects.toMatchObject({ kind: 'login' });
  expect(pacs.asked).toHaveLength(1);
});

describe('a series', () => {
  it('comes as a whole, byte for byte, in the order asked for', async () => {
    expect(await retrieve()).toEqual(UIDS.map((uid) => join(folder, `${uid}.dcm`)));
    for (const uid of UIDS) expect(readFileSync(join(folder, `${uid}.dcm`))).toEqual(image(uid));
    expect(pacs.asked).toEqual(['studies/1.2.3/series/1.2.4']);
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it('that breaks off is completed image by image', async () => {
    failing(1, 'series/1.2.4', breaking);
    await retrieve();
    for (const uid of UIDS) expect(readFileSync(join(folder, `${uid}.dcm`))).toEqual(image(uid));
    expect(pacs.asked.length).toBeGreaterThan(1);
    expect(pacs.asked.length).toBeLessThan(4);
  });

  it('is asked for image by image where it cannot be had as a whole', async () => {
    failing(9, 'series/1.2.4', answering(404));
    expect(await retrieve()).toHaveLength(3);
  });

  it('is asked for once more where a PACS knows no asterisk', async () => {
    failing(1, 'series/1.2.4', answering(406));
    await retrieve();
    expect(pacs.asked).toHaveLength(2);
  });

  it('of which images stay away is lost', async () => {
    delete pacs.images['1.2.4']['1.5.2'];
    failing(9, '1.5.2', answering(404));
    await expect(retrieve()).rejects.toThrow(/instances\/1.5.2: the PACS refuses \(HTTP 404\)/);
    pacs.before = breaking;
    await expect(retrieve()).rejects.toThrow(/lists 3 images and does not give \d of them/);
  });

  it('keeps what is damaged in the PACS, and no image that was not listed', async () => {
    const cut = image('1.5.2').subarray(0, -20);
    pacs.images['1.2.4'] = { '1.5.1': image('1.5.1'), '1.5.2': cut, '1.5.3': image('1.5.9') };
    failing(9, '1.5.3', (_, response) => {
      response.end(multipart([image('1.5.3')]));
      return true;
    });
    pacs.before = ((before) => (request, response) => {
      response.setHeader('Content-Type', 'multipart/related; boundary=b');
      return before(request, response);
    })(pacs.before);
    await retrieve();
    expect(readdirSync(folder).sort()).toEqual(UIDS.map((uid) => `${uid}.dcm`));
    expect(readFileSync(join(folder, '1.5.2.dcm'))).toEqual(cut);
    expect(readFileSync(join(folder, '1.5.3.dcm'))).toEqual(image('1.5.3'));
  });

  it('is no page that a proxy gives instead', async () => {
    pacs.before = (_, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end('<html>');
      return true;
    };
    await expect(retrieve()).rejects.toThrow(/gives text\/html where DICOM is expected/);
  });
});

describe('credentials', () => {
  const given = (text: string) => credentialsFrom(null, text)();

  it('are a token or a user, from a file that is read every time', async () => {
    expect(await credentialsFrom(null, undefined)()).toBeNull();
    expect(await given('Bearer abc.def\n')).toBe('Bearer abc.def');
    expect(await given('jane:p@ss:word')).toBe(
      `Basic ${Buffer.from('jane:p@ss:word').toString('base64')}`,
    );
    const path = join(folder, 'token');
    const fromFile = credentialsFrom(path, 'Bearer other');
    await expect(fromFile()).rejects.toThrow(/token: the credentials cannot be read \(ENOENT\)/);
    writeFileSync(path, 'Bearer one\n');
    expect(await fromFile()).toBe('Bearer one');
    writeFileSync(path, 'Bearer two\n');
    expect(await fromFile()).toBe('Bearer two');
  });

  it('that are none are not repeated', async () => {
    for (const text of ['topsecret', 'Bearer top secret', 'top\nsecret:']) {
      const error = await given(text).catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(DicomwebError);
      expect(String(error) + (error as DicomwebError).advice).not.toMatch(/secret/);
    }
  });
});
