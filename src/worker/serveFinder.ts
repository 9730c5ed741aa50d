import { finishFinding, projectionOptionsFor } from '../finder/findL3';
import type { Finding } from '../finder/types';
import type { LevelModel, ModelManifest } from '../model/types';
import { ProjectionBuilder } from '../projection/projectionBuilder';
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

/** Slices the page may have under way to the worker: about 4 MB of a usual CT. */
const CREDIT = 8;

/** A model on its way: its manifest is there first, so that slices are read while the rest loads. */
export interface OpeningModel {
  readonly manifest: Promise<ModelManifest>;
  readonly model: Promise<LevelModel>;
}

/** Starts to open the model that a setup names; `onProgress` counts bytes. */
export type OpenModel = (
  setup: WorkerSetup,
  onProgress: (loaded: number, total: number) => void,
) => OpeningModel;

/**
 * Answers searches on a message port: opens the model once, grants credit for slices, projects
 * them as they come, and finishes the finding.
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

class ServedSearch {
  private readonly controller = new AbortController();
  private builder: ProjectionBuilder | null = null;
  private stage: Progress['stage'] = 'model';
  private addingMs = 0;
  private slicesAreIn: () => void = () => undefined;
  private fail: (reason: unknown) => void = () => undefined;

  constructor(
    private readonly id: number,
    private readonly series: Series,
    private readonly opening: OpeningModel,
    private readonly loading: () => Progress | null,
    private readonly post: (message: FromWorker, transfer?: Transferable[]) => void,
  ) {}

  /** Never rejects: the outcome is posted, and nothing when it was cancelled. */
  async run(): Promise<void> {
    const { signal } = this.controller;
    try {
      const finding = await this.find(signal);
      signal.throwIfAborted();
      this.post(
        { type: 'done', search: this.id, finding: withoutSeries(finding) },
        buffersOf(finding),
      );
    } catch (error) {
      if (!signal.aborted) {
        this.post({ type: 'failed', search: this.id, error: portableError(error) });
      }
    }
  }

  addSlice(slice: Extract<ToWorker, { type: 'slice' }>): void {
    if (!this.builder) return;
    const start = performance.now();
    try {
      this.builder.addSlice(slice.index, slice.pixels, slice.slope, slice.intercept);
    } catch (error) {
      this.builder = null;
      return this.fail(error);
    }
    this.addingMs += performance.now() - start;
    const done = slice.index + 1;
    this.report({ stage: 'reading', done, of: this.series.slices.length });
    this.post({ type: 'credit', search: this.id, slices: 1 });
    if (done === this.series.slices.length) this.slicesAreIn();
  }

  cancel(): void {
    this.controller.abort();
    this.builder = null;
    this.fail(this.controller.signal.reason);
  }

  /** The model's download is told of while the search waits for it. */
  modelProgress(): void {
    const progress = this.loading();
    if (progress && this.stage === 'model') this.report(progress);
  }

  private async find(signal: AbortSignal): Promise<Finding> {
    this.modelProgress();
    const manifest = await this.opening.manifest;
    signal.throwIfAborted();
    const start = performance.now();
    const { projection, finishMs } = await this.project(manifest);
    const elapsed = performance.now() - start;
    const project = this.addingMs + finishMs;
    this.stage = 'model';
    this.modelProgress();
    const model = await this.opening.model;
    return finishFinding({
      series: this.series,
      projection,
      model,
      timing: { read: elapsed - project, project },
      onProgress: (progress) => this.report(progress),
      signal,
    });
  }

  private async project(manifest: ModelManifest) {
    const { series } = this;
    const builder = new ProjectionBuilder(series, projectionOptionsFor(series, manifest));
    const allSlices = new Promise<void>((resolve, reject) => {
      this.slicesAreIn = resolve;
      this.fail = reject;
    });
    this.builder = builder;
    this.report({ stage: 'reading', done: 0, of: series.slices.length });
    this.post({ type: 'credit', search: this.id, slices: CREDIT });
    await allSlices;
    this.builder = null;
    this.report({ stage: 'projecting', done: 0, of: 0 });
    const start = performance.now();
    const projection = builder.finish();
    return { projection, finishMs: performance.now() - start };
  }

  private report(progress: Progress): void {
    this.stage = progress.stage;
    if (!this.controller.signal.aborted) {
      this.post({ type: 'progress', search: this.id, progress });
    }
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
