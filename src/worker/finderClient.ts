import type { FindOptions } from '../finder/findL3';
import type { Finding } from '../finder/types';
import type { Series, SlicePixels, VoxelSource } from '../series/types';
import { isReplaced, ReplacedError } from './replaced';
import { errorFrom, type Endpoint, type FromWorker, type ToWorker } from './messages';

/** Reads that may be under way while the worker digests: hides the latency of a server. */
const READ_AHEAD = 8;
/** Slices that are sent in one task of the page, which copies them meanwhile and does nothing else. */
const SLICES_A_TASK = 4;

/** A Worker, or what stands for one in a test. */
export interface FinderWorker extends Endpoint {
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(
    type: 'error' | 'messageerror',
    listener: (event: Event & { readonly message?: string }) => void,
  ): void;
  terminate(): void;
}

export interface FinderClientOptions {
  /** The plugin folder's URL, absolute or relative to the page. Everything is fetched from it. */
  readonly pluginUrl: string;
  /** The model package's folder, absolute or relative to the page. */
  readonly modelUrl: string;
  /** The worker's bundle; `worker.js` in the plugin folder unless told. */
  readonly workerUrl?: string;
  /** 'auto' (the default): WebGPU where there is one, else wasm. */
  readonly runtime?: 'auto' | 'wasm';
  /** Lets the ONNX runtime log everything to the console. */
  readonly verbose?: boolean;
  /** Makes the worker; a module worker from `workerUrl` unless told. */
  readonly spawn?: (workerUrl: string) => FinderWorker;
  /** Whether the worker's bundle is gone from the server; asks it unless told. */
  readonly isReplaced?: (workerUrl: string) => Promise<boolean>;
}

export interface FindRequest extends FindOptions {
  readonly series: Series;
  readonly source: VoxelSource;
  /** The source gives its pixels away, so that they can be moved instead of copied. */
  readonly givesPixelsAway?: boolean;
}

/**
 * The finder in a worker of its own. The worker starts with the first search, keeps its model for
 * the next ones, and is started anew after it failed.
 */
export class FinderClient {
  private connection: Connection | null = null;

  constructor(private readonly options: FinderClientOptions) {}

  /**
   * Finds L3: reads the series' slices in order, a few ahead, and hands them to the worker.
   *
   * @throws the source's error when a slice cannot be read; ModelError when the model cannot be
   *   used; the signal's reason as soon as it aborts; ReplacedError when the worker's files are no longer
   *   there; Error when the worker could not be loaded, stopped, or was disposed of
   */
  async find(request: FindRequest): Promise<Finding> {
    request.signal?.throwIfAborted();
    this.connection ??= new Connection(this.options, (connection) => {
      if (this.connection === connection) this.connection = null;
    });
    return this.connection.find(request);
  }

  /** Ends the worker; searches under way are rejected. A later search starts a new one. */
  dispose(): void {
    this.connection?.end(new Error('The search was stopped because Find L3 was closed'));
  }
}

/** One worker and the searches under way in it. */
class Connection {
  private readonly worker: FinderWorker;
  private readonly searches = new Map<number, Search>();
  /** What is behind a failure of the worker. */
  private readonly cause: (why: Error) => Promise<Error>;
  private count = 0;

  constructor(
    options: FinderClientOptions,
    private readonly onEnd: (connection: Connection) => void,
  ) {
    const page = globalThis.location?.href;
    const folder = (url: string) => new URL(url.endsWith('/') ? url : `${url}/`, page);
    const pluginUrl = folder(options.pluginUrl);
    const workerUrl = options.workerUrl
      ? new URL(options.workerUrl, page).href
      : new URL('worker.js', pluginUrl).href;
    const spawn = options.spawn ?? ((url) => new Worker(url, { type: 'module', name: 'find-l3' }));
    this.worker = spawn(workerUrl);
    this.worker.addEventListener('message', ({ data }) => this.receive(data as FromWorker));
    this.cause = async (why) =>
      (await (options.isReplaced ?? isReplaced)(workerUrl))
        ? new ReplacedError(workerUrl, { cause: why })
        : why;
    this.worker.addEventListener(
      'error',
      ({ message }) =>
        void this.failed(
          new Error(
            message
              ? `The search worker stopped: ${message}`
              : `The search worker could not be loaded from ${workerUrl}; check the plugin folder`,
          ),
        ),
    );
    this.worker.addEventListener('messageerror', () =>
      this.end(new Error('The search worker sent a message that cannot be read')),
    );
    this.post({
      type: 'open',
      setup: {
        ortUrl: new URL('ort/', pluginUrl).href,
        modelUrl: folder(options.modelUrl).href,
        runtime: options.runtime ?? 'auto',
        verbose: options.verbose ?? false,
      },
    });
  }

  async find(request: FindRequest): Promise<Finding> {
    const id = this.count++;
    const search = new Search(id, request, (message, transfer) => this.post(message, transfer));
    this.searches.set(id, search);
    this.post({ type: 'find', search: id, series: request.series });
    try {
      return await search.outcome();
    } finally {
      this.searches.delete(id);
    }
  }

  private async failed(why: Error): Promise<void> {
    this.onEnd(this); // no other search goes to it, however long the server takes to say what is there
    this.end(await this.cause(why));
  }

  end(why: Error): void {
    this.onEnd(this);
    this.worker.terminate();
    for (const search of this.searches.values()) search.fail(why);
  }

  private post(message: ToWorker, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  private receive(message: FromWorker): void {
    if (message.type === 'broken') void this.failed(errorFrom(message.error));
    else this.searches.get(message.search)?.receive(message);
  }
}

/** One search as the page sees it. */
class Search {
  private readonly stop = new AbortController();
  private granted = 0;
  private creditArrived: () => void = () => undefined;
  private resolve: (finding: Finding) => void = () => undefined;
  /** Ends the search with an error and stops the reading. */
  fail: (error: unknown) => void = () => undefined;

  constructor(
    private readonly id: number,
    private readonly request: FindRequest,
    private readonly post: (message: ToWorker, transfer?: Transferable[]) => void,
  ) {}

  async outcome(): Promise<Finding> {
    const { signal } = this.request;
    const cancel = () => this.giveUp(signal?.reason);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await new Promise<Finding>((resolve, reject) => {
        this.resolve = resolve;
        this.fail = reject;
        this.sendSlices().catch((error) => this.giveUp(error));
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.stop.abort();
      this.creditArrived();
    }
  }

  receive(message: Exclude<FromWorker, { type: 'broken' }>): void {
    if (this.stop.signal.aborted) return;
    switch (message.type) {
      case 'credit':
        this.granted += message.slices;
        return this.creditArrived();
      case 'progress':
        return this.request.onProgress?.(message.progress);
      case 'failed':
        return this.fail(errorFrom(message.error));
      case 'done': {
        const { finding } = message;
        const { series } = this.request;
        return this.resolve(finding.status === 'refused' ? finding : { ...finding, series });
      }
    }
  }

  /** Ends the search on this side at once and tells the worker to drop it. */
  private giveUp(error: unknown): void {
    if (this.stop.signal.aborted) return;
    this.stop.abort();
    this.post({ type: 'cancel', search: this.id });
    this.fail(error);
  }

  private async sendSlices(): Promise<void> {
    const { series, source, givesPixelsAway } = this.request;
    const { signal } = this.stop;
    const count = series.slices.length;
    const ahead: ReturnType<VoxelSource['readSlice']>[] = [];
    let started = 0;
    for (let index = 0; index < count; index++) {
      while (started < count && ahead.length < READ_AHEAD && !signal.aborted) {
        const read = source.readSlice(started++, signal);
        read.catch(() => undefined); // met in its turn, or not at all when an earlier one failed
        ahead.push(read);
      }
      while (this.granted <= index && !signal.aborted) {
        await new Promise<void>((resolve) => (this.creditArrived = resolve));
      }
      if (signal.aborted) return;
      const { pixels, slope, intercept } = await ahead[0];
      ahead.shift();
      if (signal.aborted) return;
      const own = givesPixelsAway && pixels.byteLength === pixels.buffer.byteLength;
      const sent: SlicePixels = own ? pixels : pixels.slice();
      this.post({ type: 'slice', search: this.id, index, pixels: sent, slope, intercept }, [
        sent.buffer as ArrayBuffer,
      ]);
      if ((index + 1) % SLICES_A_TASK === 0) await nextTask();
    }
  }
}

/** Lets the page handle what is waiting; unlike a timer it is not slowed down in the background. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
