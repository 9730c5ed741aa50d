import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureToJson } from '../../../src/finder/findingJson';
import { PacsSource } from '../../../src/batch/pacsSource';
import type { ListedSeries } from '../../../src/batch/source';
import { DicomwebClient } from '../../../src/dicomweb/dicomwebClient';
import { FakePacs } from '../dicomweb/fakePacs';
import { ctSlice, dicomBytes, int16Bytes } from '../io/writeDicom';

const PIXELS = int16Bytes(new Int16Array(64));
const never = new AbortController().signal;
const image = (series: string, uid: string) =>
  dicomBytes({ elements: ctSlice(0, PIXELS, { series, more: { '00080018 UI': uid } }) });
const imagesOf = (series: string, count = 3) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, n) => `${series}.${n}`).map((uid) => [
      uid,
      image(series, uid),
    ]),
  );

let pacs: FakePacs;
let folder = '';
beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'find-l3-source-')), '.incoming');
  pacs = new FakePacs({ '1.2.4': imagesOf('1.2.4'), '1.2.5': imagesOf('1.2.5') });
  await pacs.start();
});
afterEach(async () => {
  await pacs.stop();
  rmSync(join(folder, '..'), { recursive: true });
});

const sourceOf = (shard = { number: 1, count: 1 }) =>
  new PacsSource({
    client: new DicomwebClient({ root: pacs.root, credentials: async () => null, waitsMs: [1] }),
    conditions: [],
    shard,
    folder,
  });
async function listed(source = sourceOf()): Promise<ListedSeries[]> {
  const list: ListedSeries[] = [];
  for await (const { series } of source.list(never)) list.push(...series);
  return list;
}
const address = (series: string) => `${pacs.root}/studies/1.2.3/series/${series}`;

it('lists series by their addresses; what tells one from a changed one is its images', async () => {
  const first = await listed();
  expect(first.map(({ path }) => path)).toEqual([address('1.2.4'), address('1.2.5')]);
  expect(first[0]).toMatchObject({ files: 3, about: { uid: '1.2.4', studyInstanceUID: '1.2.3' } });
  const prints = async () => (await listed()).map(({ fingerprint }) => fingerprint);
  expect(await prints()).toEqual(first.map(({ fingerprint }) => fingerprint));
  pacs.images['1.2.4'] = imagesOf('1.2.4', 4);
  const after = await prints();
  expect(after[0]).not.toBe(first[0].fingerprint);
  expect(after[1]).toBe(first[1].fingerprint);
  const shards = await Promise.all([1, 2].map((number) => listed(sourceOf({ number, count: 2 }))));
  expect(shards.map(({ length }) => length).sort()).toEqual([0, 2]);
});

it('brings files, speaks of them by their addresses, and leaves nothing behind', async () => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'left by a killed run'), '');
  const [series, other] = await listed();
  expect(existsSync(folder)).toBe(false);
  const [brought, second] = [await series.bring(never), await other.bring(never)];
  expect(brought.paths).toHaveLength(3);
  const failure = { message: `${brought.paths[1]}: frame 1 cannot be read`, advice: '' };
  const model = { name: 'm', version: '1', sha256: 'a' };
  const line = failureToJson({ input: 'x', path: brought.paths[0], series: null, model }, failure);
  expect(brought.told(line)).toMatchObject({
    input: pacs.root,
    path: address('1.2.4'),
    reason: { message: `${address('1.2.4')}/instances/1.2.4.1: frame 1 cannot be read` },
  });
  await brought.release();
  expect(readdirSync(folder)).toHaveLength(1);
  await second.release();
  expect(existsSync(folder)).toBe(false);
});

it('tells of each damaged image, and searches the others', async () => {
  pacs.images['1.2.4']['1.2.4.1'] = image('1.2.4', '1.2.4.1').subarray(0, -9);
  pacs.images['1.2.4']['1.2.4.2'] = image('1.2.9', '1.2.4.2');
  const [series] = await listed();
  const { paths, failures } = await series.bring(never);
  expect(paths).toHaveLength(1);
  expect(failures.map(({ failure }) => failure.message)).toEqual([
    `${address('1.2.4')}/instances/1.2.4.2: belongs to another series, 1.2.9`,
    expect.stringMatching(new RegExp(`^${address('1.2.4')}/instances/1.2.4.1: .*damaged`)),
  ]);
});

it('loses a series that the PACS does not give, and no other', async () => {
  pacs.before = ({ url }, response) => {
    const isLost = url!.endsWith('/series/1.2.4') || url!.includes('1.2.4/instances/');
    if (isLost) response.writeHead(500).end();
    return isLost;
  };
  const [lost, other] = await listed();
  const { paths, failures } = await lost.bring(never);
  expect(paths).toEqual([]);
  expect(failures).toMatchObject([
    { about: { uid: '1.2.4' }, failure: { path: address('1.2.4'), paths: [address('1.2.4')] } },
  ]);
  expect(failures[0].failure.message).toContain('the PACS answers HTTP 500, 2 times');
  expect((await other.bring(never)).paths).toHaveLength(3);
});

it('ends the run where the PACS is gone, or wants a login', async () => {
  const [series, other] = await listed();
  pacs.before = (_, response) => {
    response.writeHead(401).end();
    return true;
  };
  await expect(series.bring(never)).rejects.toMatchObject({
    name: 'BatchError',
    message: expect.stringMatching(/asks for a login \(HTTP 401\)/) as string,
  });
  pacs.before = (request) => {
    request.socket.destroy();
    return true;
  };
  await expect(other.bring(never)).rejects.toMatchObject({
    name: 'BatchError',
    message: expect.stringMatching(/does not answer .*Check that the PACS runs/) as string,
  });
  await expect(listed()).rejects.toMatchObject({ name: 'BatchError' });
});

it('passes over series that hold no image, and says where there is nothing', async () => {
  pacs.images = { '1.2.4': {} };
  const source = sourceOf();
  for await (const { series, passedOver } of source.list(never)) {
    expect(series).toEqual([]);
    expect(passedOver).toMatchObject([{ path: address('1.2.4') }]);
  }
  expect(source.empty).toEqual([]);
  pacs.images = {};
  expect(await listed(source)).toEqual([]);
  expect(source.empty).toEqual([`${pacs.root} lists no CT or MR series for this query`]);
});
