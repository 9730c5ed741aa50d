import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, linkSync } from 'node:fs';
import files, { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DicomIndex } from '../../../src/server/dicomweb/dicomIndex';
import type { RunningServer } from '../../../src/server/startServer';
import { InstanceStore } from '../../../src/server/store/instanceStore';
import type { Holder } from '../../../src/lock/holder';
import { StoreLock } from '../../../src/server/store/storeLock';
import { ctSlice } from './dicomBytes';
import { storeRequest } from './http';
import { Serving } from './serving';

// Processes of their own take their time on a busy machine.
jest.setTimeout(120_000);

let serving: Serving;
let folder: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  serving = await Serving.begin();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'find-l3-store-'));
});
afterEach(async () => {
  await serving.closeAll();
  for (const child of children.splice(0)) await kill(child);
  await rm(folder, { recursive: true });
});
afterAll(() => serving.end());

const store = async ({ url }: RunningServer, ...files: Buffer[]) => {
  const { type, body } = storeRequest(files);
  const headers = { 'Content-Type': type };
  return fetch(`${url}/dicomweb/studies`, { method: 'POST', headers, body: new Uint8Array(body) });
};
const report = (sop: string, description = 'one') =>
  ctSlice({ study: '9.1', series: '9.1.1', sop, modality: 'SR', description });
const filesBelow = async (path: string) =>
  (await readdir(path, { recursive: true })).filter((name) => name.endsWith('.dcm')).sort();

/** @returns what it says of the store, once it has opened it */
async function opened(...args: string[]): Promise<{ child: ChildProcess; obstacle: unknown }> {
  const script = join(__dirname, 'storeProcess.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args]);
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, ...(JSON.parse(line.toString()) as { obstacle: unknown }) };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

describe('two servers on one store', () => {
  test('one saves; the other shows what is there, says whose the store is, and takes over', async () => {
    const first = await serving.start({ storeDir: folder });
    expect(first.store).toMatchObject({ folder, obstacle: null });
    expect((await store(first, report('9.1.1.1'))).status).toBe(200);
    const second = await serving.start({ storeDir: folder });
    expect(second.store!.obstacle).toContain(`process ${process.pid} on ${hostname()}, since 2`);
    expect(second.store!.obstacle).toMatch(/: stop it, or start this one with --data [^\n]*$/);
    expect([...second.index!.studies.keys()]).toContain('9.1');

    const refused = await store(second, report('9.1.1.1', 'other'));
    expect([refused.status, await refused.json()]).toEqual([
      503,
      { message: second.store!.obstacle },
    ]);
    expect((await store(first, report('9.1.1.2'))).status).toBe(200);
    expect(await readFile(join(folder, 'stored/9.1/9.1.1/9.1.1.1.dcm'))).toEqual(report('9.1.1.1'));

    await first.close();
    expect((await store(second, report('9.1.1.2', 'other'))).status).toBe(409);
    expect((await store(second, report('9.1.1.3'))).status).toBe(200);
    const known = await (await fetch(`${second.url}/dicomweb/studies/9.1/instances`)).json();
    expect(known).toHaveLength(3);
    expect(await filesBelow(join(folder, 'stored'))).toHaveLength(3);
  });

  test('the lock of a process that died is taken over, and what it had begun is gone', async () => {
    const { child, obstacle } = await opened(folder);
    expect(obstacle).toBeNull();
    const store = new InstanceStore({ folder }, new DicomIndex());
    expect(await store.open()).toContain(`process ${child.pid} `);
    await writeFile(join(folder, 'incoming', 'half'), 'half');
    await kill(child);
    expect(await store.open()).toBeNull();
    expect(await readdir(join(folder, 'incoming'))).toEqual([]);
    await store.close();
  });

  test('of many that take over at once, one succeeds', async () => {
    const { child } = await opened(folder);
    await kill(child);
    const all = await Promise.all([1, 2, 3, 4].map(() => opened(folder)));
    expect(all.filter(({ obstacle }) => obstacle === null)).toHaveLength(1);
  });

  test.each([
    ['free', 'free\n'],
    ['cut off', '{"pid":'],
  ])('of many that find a lock %s at the same moment, one has it', async (_, left) => {
    const lock = join(folder, 'lock');
    await mkdir(lock);
    await writeFile(join(lock, '7'), left);
    const all = await Promise.all(Array.from({ length: 20 }, () => StoreLock.take(lock)));
    const [own, ...more] = all.filter((one) => one instanceof StoreLock);
    expect([own, more]).toEqual([expect.any(StoreLock), []]);
    expect(await readdir(lock)).toEqual(['8']);
    await own!.release();
    expect(await StoreLock.take(lock)).toBeInstanceOf(StoreLock);
    expect(await readdir(lock)).toEqual(['9']);
  });

  test('a number that was handed on while a process slept is not taken again', async () => {
    const lock = join(folder, 'lock');
    await StoreLock.take(lock);
    const living = await readFile(join(lock, '1'), 'utf8');
    await rename(join(lock, '1'), join(lock, '7'));
    await writeFile(join(lock, '7'), 'free\n');
    const link = jest.spyOn(files, 'link').mockImplementationOnce(async (from, to) => {
      await rename(join(lock, '7'), join(lock, '9'));
      await writeFile(join(lock, '9'), living);
      linkSync(from, to);
    });
    expect(await StoreLock.take(lock)).toMatchObject({ pid: process.pid, host: hostname() });
    expect(await readdir(lock)).toEqual(['9']);
    link.mockRestore();
  });

  const holder = async (change: Partial<Holder>) => {
    const lock = join(folder, 'lock');
    const own = await StoreLock.take(lock);
    expect(own).toBeInstanceOf(StoreLock);
    const self = JSON.parse(await readFile(join(lock, '1'), 'utf8')) as Holder;
    await writeFile(join(lock, '1'), JSON.stringify({ ...self, ...change }));
    return StoreLock.take(lock);
  };
  test.each([
    ['a living process', {}],
    ['a process of another machine', { host: 'elsewhere', pid: 1 }],
    ['a process of another container', { container: 'pid:[1]', pid: 2 ** 22 + 1 }],
    ['a process of another user', { pid: 1, began: '' }],
  ])('%s keeps it', async (_, change: Partial<Holder>) => {
    expect(await holder(change)).toMatchObject({ pid: change.pid ?? process.pid });
  });
  test.each([
    ['a number that no process has', { pid: 2 ** 22 + 1 }],
    ['a later process of the same number', { began: '1' }],
    ['another boot', { boot: 'earlier' }],
  ])('%s does not', async (_, change) => {
    expect(await holder(change)).toBeInstanceOf(StoreLock);
    expect(await readdir(join(folder, 'lock'))).toEqual(['2']);
  });
});

test('what is still coming when the store is closed is not kept', async () => {
  const store = new InstanceStore({ folder }, new DicomIndex());
  await store.open();
  async function* parts() {
    yield (async function* () {
      yield report('9.1.1.1');
    })();
    await store.close();
  }
  expect(await store.store(parts(), { parts: 1 })).toMatchObject([
    { stored: false, why: 'This server has ended' },
  ]);
  expect(await filesBelow(folder)).toEqual([]);
});

describe('a store that cannot be written', () => {
  test('is said so, and the rest is served', async () => {
    await writeFile(join(folder, 'file'), '');
    const server = await serving.start({ storeDir: join(folder, 'file', 'data') });
    expect(server.store!.obstacle).toMatch(
      /data cannot be written \(ENOTDIR\): give another folder with --data$/,
    );
    expect((await store(server, report('9.1.1.1'))).status).toBe(503);
    expect((await fetch(`${server.url}/dicomweb/studies`)).status).toBe(200);
  });

  test('and without one, nothing can be saved', async () => {
    const server = await serving.start({ storeDir: undefined });
    expect(server.store).toBeNull();
    expect((await store(server, report('9.1.1.1'))).status).toBe(503);
  });
});

describe('what 0.3.0 had saved', () => {
  const FIXTURES = join(__dirname, '../../fixtures/0.3.0/reports');
  let former: string;
  let reports: Map<string, Buffer>;
  beforeEach(async () => {
    // As 0.3.0 laid it down: .cache/stow/STUDY/SERIES/INSTANCE.dcm
    former = join(folder, '.cache', 'stow');
    reports = new Map();
    const index = new DicomIndex();
    await index.addFolder(FIXTURES);
    for (const [study, { series }] of index.studies) {
      for (const [seriesUid, { instances }] of series) {
        for (const [sop, { path }] of instances) {
          reports.set(join(study, seriesUid, `${sop}.dcm`), await readFile(path));
        }
      }
    }
    expect(reports.size).toBe(15);
    for (const [name, bytes] of reports) await put(join(former, name), bytes);
    await put(join(former, '.incoming', 'half'), 'half');
  });
  const put = async (path: string, bytes: Buffer | string) => {
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, bytes);
  };
  const expectAllMoved = async (data: string) => {
    for (const [name, bytes] of reports) {
      expect((await readFile(join(data, 'stored', name))).equals(bytes)).toBe(true);
    }
    expect(existsSync(former)).toBe(false);
  };

  test('is found, moved byte by byte, and served', async () => {
    const data = join(folder, 'data');
    const server = await serving.start({ storeDir: data, formerStoreDir: former });
    expect(server.store!.former).toEqual({ moved: 15, left: [] });
    await expectAllMoved(data);
    const found = await (await fetch(`${server.url}/dicomweb/instances?Modality=SR`)).json();
    expect(found).toHaveLength(15);
    await server.close();
    const again = await serving.start({ storeDir: data, formerStoreDir: former });
    expect(again.store!.former).toEqual({ moved: 0, left: [] });
  });

  test('is moved by the one that writes there', async () => {
    const data = join(folder, 'data');
    await opened(data);
    const server = await serving.start({ storeDir: data, formerStoreDir: former });
    expect(server.store!.obstacle).not.toBeNull();
    expect(await filesBelow(former)).toHaveLength(15);
  });

  test('stays where other files are in its place, and nothing there is touched', async () => {
    const data = join(folder, 'data');
    const [[same, bytes], [taken]] = [...reports];
    await put(join(data, 'stored', same!), bytes!);
    await put(join(data, 'stored', taken!), 'other');
    const server = await serving.start({ storeDir: data, formerStoreDir: former });
    expect(server.store!.former).toEqual({
      moved: 14,
      left: [
        { path: join(former, taken!), why: `another file is at ${join(data, 'stored', taken!)}` },
      ],
    });
    expect(await readFile(join(data, 'stored', taken!), 'utf8')).toBe('other');
    expect(await filesBelow(former)).toEqual([taken]);
  });

  test('is never lost or half there, however often the move is killed', async () => {
    const data = join(folder, 'data');
    for (let more = 0; more < 60; more++) {
      const name = join('5.5', `5.5.${more}`, '5.6.dcm');
      reports.set(name, Buffer.alloc(200_000, String(more)));
      await put(join(former, name), reports.get(name)!);
    }
    let cuts = 0;
    for (let kills = 0; kills < 2; kills++) {
      const script = join(__dirname, 'storeProcess.ts');
      const child = spawn(process.execPath, ['--import', 'tsx', script, data, former]);
      children.push(child);
      const before = (await filesBelow(former)).length;
      while ((await filesBelow(former)).length === before) await new Promise(setImmediate);
      await kill(child);
      const waiting = await filesBelow(former);
      cuts += waiting.length > 0 ? 1 : 0;
      for (const [name, bytes] of reports) {
        const place = waiting.includes(name) ? former : join(data, 'stored');
        expect((await readFile(join(place, name))).equals(bytes)).toBe(true);
        const there = join(data, 'stored', name);
        if (existsSync(there)) expect((await readFile(there)).equals(bytes)).toBe(true);
      }
    }
    expect(cuts).toBeGreaterThan(0);
    await serving.start({ storeDir: data, formerStoreDir: former });
    await expectAllMoved(data);
  });
});
