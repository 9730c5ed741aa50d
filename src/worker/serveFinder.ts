import { findL3, type OpeningModel } from '../finder/findL3';
import type { Finding } from '../finder/types';
import type { Progress } from '../projection/types';
import type { Series } from '../series/types';
import {
  portableError,
  type Endpoint,
  type FromWorker,
  type PortableFinding,
  type ToWorker,
  type WorkerSetup,
} from './messages';
import { PortSource } from './portSource';
import { readable } from './readable';

/** Starts to open the model that a setup names; `onProgress` counts bytes. */
export type OpenModel = (
  setup: WorkerSetup,
  onProgress: (loaded: number, total: number) => void,
) => OpeningModel;

/**
 * Answers searches on a message port: opens the model once, and runs `findL3` on the slices that come
 * through the port.
 */
export function serveFinder(port: Endpoint, openModel: OpenModel): void {
  const searches = new Map<number, ServedSearch>();
  let opening: OpeningModel | null = null;
  /** How far the model is, null when it is open. */
  let loading: Progress | null = { stage: 'model', done: 0, of: 0 };
  const post = (message: FromWorker, transfer: Transferable[] = []) =>
    port.postMessage(message, transfer);

  const open = (setup: WorkerSetup) => {
    opening = openModel(setup, (done, of) => {
      loading = { stage: 'model', done, of };
      for (const search of searches.values()) search.modelProgress();
    });
    Promise.all([opening.model, opening.manifest]).then(
      () => (loading = null),
      (error) => post({ type: 'broken', error: portableError(error) }),
    );
  };

  port.addEventListener('message', ({ data }: MessageEvent) => {
    const message = data as ToWorker;
    switch (message.type) {
      case 'open':
        return open(message.setup);
      case 'find': {
        if (!opening) throw new Error('A search came before the model was named');
        const { search: id, series } = message;
        const search = new ServedSearch(id, series, opening, () => loading, post);
        searches.set(id, search);
        return void search.run().finally(() => searches.delete(id));
      }
      case 'slice':
        return searches.get(message.search)?.addSlice(message);
      case 'cancel':
        searches.get(message.search)?.cancel();
        return void searches.delete(message.search);
    }
  });
}

/** One search as the worker sees it. */
class ServedSearch {
  private readonly controller = new AbortController();
  private readonly source: PortSource;
  /** Whether it waits for the model, and is told how far that is. */
  private awaitsModel = true;
  private readonly tell = readable((progress) => {
    if (this.controller.signal.aborted) return;
    this.post({ type: 'progress', search: this.id, progress });
  });

  constructor(
    private readonly id: number,
    private readonly series: Series,
    private readonly opening: OpeningModel,
    private readonly loading: () => Progress | null,
    private readonly post: (message: FromWorker, transfer?: Transferable[]) => void,
  ) {
    this.source = new PortSource((slices) => post({ type: 'credit', search: id, slices }));
  }

  /** Never rejects: the outcome is posted, and nothing when it was cancelled. */
  async run(): Promise<void> {
    const { id: search, series, source, opening: model } = this;
    const { signal } = this.controller;
    const onProgress = (progress: Progress) => this.report(progress);
    try {
      const finding = await findL3({ series, source, model, onProgress, signal });
      signal.throwIfAborted();
      this.post({ type: 'done', search, finding: withoutSeries(finding) }, buffersOf(finding));
    } catch (error) {
      if (!signal.aborted) this.post({ type: 'failed', search, error: portableError(error) });
    }
  }

  addSlice(slice: Extract<ToWorker, { type: 'slice' }>): void {
    this.source.push(slice);
  }

  cancel(): void {
    this.controller.abort();
  }

  /** The model's download is told of while the search waits for it. */
  modelProgress(): void {
    const progress = this.loading();
    if (progress && this.awaitsModel) this.tell(progress);
  }

  private report(progress: Progress): void {
    this.awaitsModel = progress.stage === 'model';
    if (this.awaitsModel) this.modelProgress();
    else this.tell(progress);
  }
}

function withoutSeries(finding: Finding): PortableFinding {
  if (finding.status === 'refused') return finding;
  const portable: PortableFinding & { series?: Series } = { ...finding };
  delete portable.series;
  return portable;
}

function buffersOf(finding: Finding): ArrayBuffer[] {
  if (finding.status === 'refused') return [];
  const { data, spineXMm, inView } = finding.projection;
  return [data, spineXMm, inView].map((array) => array.buffer as ArrayBuffer);
}
