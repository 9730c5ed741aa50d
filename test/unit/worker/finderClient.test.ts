import { afterEach, describe, expect, test } from '@jest/globals';
import { ModelError } from '../../../src/model/modelError';
import type { Progress } from '../../../src/projection/types';
import type { SlicePixels, VoxelSource } from '../../../src/series/types';
import { FinderClient, type FinderClientOptions } from '../../../src/worker/finderClient';
import { columnModel, columnSeries, columnSource } from '../finder/columnSeries';
import { ChannelWorker, opens, servingWorker, silentWorker } from './channel';

const series = columnSeries();
const COUNT = series.slices.length;

/** Clients of a test, closed after it. */
const clients: FinderClient[] = [];
afterEach(() => clients.splice(0).forEach((client) => client.dispose()));

function clientOf(spawn: (url: string) => ChannelWorker, more: Partial<FinderClientOptions> = {}) {
  const workers: ChannelWorker[] = [];
  const urls: string[] = [];
  const client = new FinderClient({
    pluginUrl: 'https://pacs.example/viewer/find-l3',
    modelUrl: 'https://pacs.example/viewer/find-l3/model/',
    isReplaced: async () => false,
    ...more,
    spawn: (url) => {
      const worker = spawn(url);
      workers.push(worker);
      urls.push(url);
      return worker;
    },
  });
  clients.push(client);
  return { client, workers, urls };
}

/** Resolves when `holds` does; a task at a time. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

describe('a search through the worker', () => {
  test('gives the same finding as without one', async () => {
    const { client, workers } = clientOf(() => servingWorker(opens(columnModel())));
    const seen: Progress[] = [];
    const finding = await client.find({
      series,
      source: columnSource(),
      onProgress: (progress) => seen.push(progress),
    });
    if (finding.status !== 'found') throw new Error(finding.status);
    expect(Math.abs(finding.l3.zMm - -158)).toBeLessThan(1.5);
    expect(finding.l3.sliceIndex).toBe(33);
    expect(finding.series).toBe(series);
    expect(finding.projection.data.length).toBeGreaterThan(0);
    expect(finding.timing.project).toBeGreaterThan(0);
    const stages = seen.map(({ stage }) => stage);
    expect(stages.filter((stage, i) => stage !== stages[i - 1])).toEqual([
      'reading',
      'projecting',
      'inference',
      'decoding',
    ]);
    expect(seen.filter(({ stage }) => stage === 'reading').at(-1)).toEqual({
      stage: 'reading',
      done: COUNT,
      of: COUNT,
    });
    expect(workers).toHaveLength(1);
  });

  test('names every file under the plugin folder, wherever that is', async () => {
    const { client, workers, urls } = clientOf(() => servingWorker(opens(columnModel())), {
      runtime: 'wasm',
    });
    await client.find({ series, source: columnSource() });
    expect(urls).toEqual(['https://pacs.example/viewer/find-l3/worker.js']);
    expect(workers[0].sent[0]).toEqual({
      type: 'open',
      setup: {
        ortUrl: 'https://pacs.example/viewer/find-l3/ort/',
        modelUrl: 'https://pacs.example/viewer/find-l3/model/',
        runtime: 'wasm',
        verbose: false,
      },
    });
  });

  test('opens the model once for many searches, also at the same time', async () => {
    let opened = 0;
    const model = columnModel();
    const { client, workers } = clientOf(() =>
      servingWorker((...args) => {
        opened++;
        return opens(model)(...args);
      }),
    );
    const search = () => client.find({ series, source: columnSource() });
    const findings = [await search(), ...(await Promise.all([search(), search()]))];
    expect(findings.map(({ status }) => status)).toEqual(['found', 'found', 'found']);
    expect([opened, workers.length, model.runs.length]).toEqual([1, 1, 3]);
  });

  test('reads while the model is still on its way, and says that it waits for it', async () => {
    const model = columnModel();
    let deliver: () => void = () => undefined;
    const { client, workers } = clientOf(() =>
      servingWorker((_, onProgress) => {
        onProgress(0, 1000);
        return {
          manifest: Promise.resolve(model.manifest),
          model: new Promise((resolve) => {
            deliver = () => {
              onProgress(1000, 1000);
              resolve(model);
            };
          }),
        };
      }),
    );
    const seen: Progress[] = [];
    const search = client.find({
      series,
      source: columnSource(),
      onProgress: (progress) => seen.push(progress),
    });
    await until(
      () => seen.at(-1)?.stage === 'model' && seen.some(({ stage }) => stage === 'projecting'),
    );
    expect(workers[0].sentOf('slice')).toHaveLength(COUNT);
    expect(seen.at(-1)).toEqual({ stage: 'model', done: 0, of: 1000 });
    deliver();
    expect((await search).status).toBe('found');
    expect(seen).toContainEqual({ stage: 'model', done: 1000, of: 1000 });
  });
});

describe('handing over slices', () => {
  test('sends no more than the worker has granted', async () => {
    const { worker, answer } = silentWorker();
    const { client } = clientOf(() => worker);
    const reads: number[] = [];
    const good = columnSource();
    const source: VoxelSource = {
      readSlice(index, signal) {
        reads.push(index);
        return good.readSlice(index, signal);
      },
    };
    const search = client.find({ series, source });
    search.catch(() => undefined);
    await until(() => reads.length === 8);
    expect(worker.sentOf('slice')).toEqual([]);
    answer({ type: 'credit', search: 0, slices: 3 });
    await until(() => worker.sentOf('slice').length === 3);
    answer({ type: 'progress', search: 0, progress: { stage: 'reading', done: 1, of: COUNT } });
    await until(() => worker.received.length === 2);
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(worker.sentOf('slice').map(({ index }) => index)).toEqual([0, 1, 2]);
    // reads run ahead of what is sent by a bounded number
    expect(reads).toEqual(Array.from({ length: 11 }, (_, i) => i));
  });

  test('keeps to the credit of the real worker', async () => {
    const worker = servingWorker(opens(columnModel()));
    const granted: number[] = [];
    worker.onPost = (message) => {
      if (message.type !== 'slice') return;
      granted.push(worker.receivedOf('credit').reduce((sum, { slices }) => sum + slices, 0));
    };
    const { client } = clientOf(() => worker);
    await client.find({ series, source: columnSource() });
    expect(granted).toHaveLength(COUNT);
    granted.forEach((slices, index) => expect(slices).toBeGreaterThan(index));
    expect(granted[0]).toBeLessThan(COUNT / 2);
  });

  test('lets the page work after every few slices, however much credit there is', async () => {
    const { worker, answer } = silentWorker();
    const { client } = clientOf(() => worker);
    let turn = 0;
    const loop = setInterval(() => turn++, 0);
    const spin = () => {
      turn++;
      if (worker.sentOf('slice').length < COUNT) setImmediate(spin);
    };
    const turns = new Set<number>();
    worker.onPost = (message) => {
      if (message.type === 'slice') turns.add(turn);
    };
    client.find({ series, source: columnSource() }).catch(() => undefined);
    answer({ type: 'credit', search: 0, slices: COUNT });
    spin();
    await until(() => worker.sentOf('slice').length === COUNT);
    clearInterval(loop);
    expect(turns.size).toBeGreaterThan(COUNT / 8);
  });

  /** A source whose pixels lie in the middle of a larger buffer, or fill their own. */
  function keptSource(margin: number): { source: VoxelSource; kept: SlicePixels[] } {
    const kept: SlicePixels[] = [];
    const good = columnSource();
    const source: VoxelSource = {
      async readSlice(index) {
        const slice = await good.readSlice(index);
        const whole = new Int16Array(slice.pixels.length + 2 * margin);
        const pixels = whole.subarray(margin, margin + slice.pixels.length);
        pixels.set(slice.pixels);
        kept.push(pixels);
        return { ...slice, pixels };
      },
    };
    return { source, kept };
  }

  test.each([0, 5])('leaves the host’s pixels alone (margin %d)', async (margin) => {
    const { client, workers } = clientOf(() => servingWorker(opens(columnModel())));
    const { source, kept } = keptSource(margin);
    expect((await client.find({ series, source })).status).toBe('found');
    expect(kept.every((pixels) => pixels.length === 32 * 32 && pixels[32 * 16 + 16] > 0)).toBe(
      true,
    );
    expect(workers[0].sentOf('slice')).toHaveLength(COUNT);
  });

  test('moves pixels that are given away', async () => {
    const { client } = clientOf(() => servingWorker(opens(columnModel())));
    const { source, kept } = keptSource(0);
    const finding = await client.find({ series, source, givesPixelsAway: true });
    expect(finding.status).toBe('found');
    expect(kept.every((pixels) => pixels.buffer.byteLength === 0)).toBe(true);
  });
});

describe('stopping and failing', () => {
  test('rejects at once when cancelled in mid-reading, and the worker drops the search', async () => {
    const model = columnModel();
    const { client, workers } = clientOf(() => servingWorker(opens(model)));
    const controller = new AbortController();
    let readSignal: AbortSignal | undefined;
    const good = columnSource();
    const search = client.find({
      series,
      source: {
        readSlice(index, signal) {
          readSignal = signal;
          if (index === 30) controller.abort();
          return good.readSlice(index, signal);
        },
      },
      signal: controller.signal,
    });
    await expect(search).rejects.toMatchObject({ name: 'AbortError' });
    expect(readSignal?.aborted).toBe(true);
    const [worker] = workers;
    expect(worker.sent.at(-1)).toEqual({ type: 'cancel', search: 0 });
    const sent = worker.sentOf('slice').length;
    expect(sent).toBeLessThan(COUNT);
    // the worker lives on and answers the next search; nothing of the first one comes any more
    expect((await client.find({ series, source: columnSource() })).status).toBe('found');
    expect(worker.sentOf('slice').filter((m) => m.search === 0)).toHaveLength(sent);
    expect([...worker.receivedOf('done'), ...worker.receivedOf('failed')]).toMatchObject([
      { type: 'done', search: 1 },
    ]);
    expect(workers).toHaveLength(1);
    expect(model.runs).toHaveLength(1);
  });

  test.each(['projecting', 'inference', 'decoding'] as const)(
    'rejects when cancelled while at %s',
    async (stage) => {
      const { client } = clientOf(() => servingWorker(opens(columnModel())));
      const controller = new AbortController();
      const search = client.find({
        series,
        source: columnSource(),
        signal: controller.signal,
        onProgress: (progress) => progress.stage === stage && controller.abort(),
      });
      await expect(search).rejects.toMatchObject({ name: 'AbortError' });
    },
  );

  test('rejects when cancelled while the model is on its way', async () => {
    const never = new Promise<never>(() => undefined);
    const { client } = clientOf(() =>
      servingWorker((_, onProgress) => {
        onProgress(10, 1000);
        return { manifest: never, model: never };
      }),
    );
    const controller = new AbortController();
    const search = client.find({
      series,
      source: columnSource(),
      signal: controller.signal,
      onProgress: ({ stage, done }) => stage === 'model' && done === 10 && controller.abort(),
    });
    await expect(search).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('starts nothing when the signal is aborted already', async () => {
    const { client, workers } = clientOf(() => servingWorker(opens(columnModel())));
    const signal = AbortSignal.abort();
    await expect(client.find({ series, source: columnSource(), signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(workers).toEqual([]);
  });

  test('passes the source’s own error on and tells the worker', async () => {
    const { client, workers } = clientOf(() => servingWorker(opens(columnModel())));
    const good = columnSource();
    const error = new Error('slice 12 cannot be decoded');
    const source: VoxelSource = {
      readSlice: (i, signal) => (i === 12 ? Promise.reject(error) : good.readSlice(i, signal)),
    };
    await expect(client.find({ series, source })).rejects.toBe(error);
    expect(workers[0].sent.at(-1)).toEqual({ type: 'cancel', search: 0 });
  });

  test('tells of pixels that do not fit the series', async () => {
    const { client } = clientOf(() => servingWorker(opens(columnModel())));
    const source: VoxelSource = {
      readSlice: async () => ({ pixels: new Uint8Array(12), slope: 1, intercept: 0 }),
    };
    await expect(client.find({ series, source })).rejects.toThrow(/12 pixels, not 32 x 32/);
  });

  test('rejects with the model’s error and starts anew with the next search', async () => {
    const refusals = [new ModelError('checksum', 'model.onnx has the SHA-256 ab'), null];
    const { client, workers } = clientOf(() =>
      servingWorker((...args) => {
        const refusal = refusals.shift();
        const model = columnModel();
        return refusal
          ? { manifest: Promise.resolve(model.manifest), model: Promise.reject(refusal) }
          : opens(model)(...args);
      }),
    );
    const error = await client.find({ series, source: columnSource() }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject({ code: 'checksum', message: 'model.onnx has the SHA-256 ab' });
    await until(() => workers[0].terminated);
    expect((await client.find({ series, source: columnSource() })).status).toBe('found');
    expect(workers).toHaveLength(2);
  });

  test('rejects every search when the worker crashes, ends it, and starts anew', async () => {
    const { client, workers } = clientOf(() => servingWorker(opens(columnModel())));
    const source = columnSource();
    const [first, second] = [client.find({ series, source }), client.find({ series, source })];
    first.catch(() => undefined);
    second.catch(() => undefined);
    await until(() => workers[0].sentOf('slice').length > 3);
    workers[0].crash('out of memory');
    await expect(first).rejects.toThrow('The search worker stopped: out of memory');
    await expect(second).rejects.toThrow('The search worker stopped: out of memory');
    expect(workers[0].terminated).toBe(true);
    expect((await client.find({ series, source })).status).toBe('found');
    expect(workers).toHaveLength(2);
  });

  test('names the file when the worker’s script cannot be loaded', async () => {
    const { worker } = silentWorker();
    const { client } = clientOf(() => worker);
    const search = client.find({ series, source: columnSource() });
    worker.crash();
    await expect(search).rejects.toThrow(
      'could not be loaded from https://pacs.example/viewer/find-l3/worker.js',
    );
  });

  test('says that the plugin was replaced where the worker’s script is gone', async () => {
    const asked: string[] = [];
    const isReplaced = async (url: string) => asked.push(url) > 0;
    const { worker } = silentWorker();
    const { client } = clientOf(() => worker, { isReplaced });
    const search = client.find({ series, source: columnSource() });
    worker.crash();
    await expect(search).rejects.toMatchObject({ name: 'ReplacedError' });
    expect(asked).toEqual(['https://pacs.example/viewer/find-l3/worker.js']);
  });

  test('ends the worker and what is under way when disposed', async () => {
    const { client, workers } = clientOf(() => servingWorker(opens(columnModel())));
    const search = client.find({ series, source: columnSource() });
    search.catch(() => undefined);
    await until(() => workers[0].sentOf('slice').length > 3);
    client.dispose();
    client.dispose();
    await expect(search).rejects.toThrow('Find L3 was closed');
    expect(workers[0].terminated).toBe(true);
  });
});
