import * as ort from 'onnxruntime-web/webgpu';
import { browserRuntime } from '../../../src/model/browser';
import { fetchModelPackage } from '../../../src/model/fetchModelPackage';
import { openLevelModel } from '../../../src/model/openLevelModel';
import { FinderClient } from '../../../src/worker/finderClient';
import { columnSeries, columnSource } from '../../unit/finder/columnSeries';
import { tinyProjection } from '../../unit/model/tinyManifest';

type Runtime = 'auto' | 'wasm';

/** What the test calls in the page; files lie beside the page. */
export interface RuntimePage {
  /** Runs the model in the page itself, after the GPU device was taken away when `loseDevice`. */
  evidence(
    model: string,
    options: {
      readonly runtime: Runtime;
      readonly height: number;
      readonly width: number;
      readonly loseDevice?: boolean;
    },
  ): Promise<{
    readonly maps: number[];
    readonly runtime: string;
    readonly fallbackReason: string | null;
    readonly threads: number;
  }>;
  /** Searches the made-up patient through the worker, twice, and gives what ran the second time. */
  search(
    model: string,
    runtime: Runtime,
  ): Promise<{
    readonly status: string;
    readonly runtime: string;
    readonly threads: number;
  }>;
  /** What a search with this model is rejected with. */
  failure(model: string): Promise<{ readonly name: string; readonly message: string }>;
}

const folder = new URL('.', location.href).href;

const page: RuntimePage = {
  async evidence(model, { runtime, height, width, loseDevice }) {
    const files = await fetchModelPackage(new URL(model, folder).href);
    const host = browserRuntime({ ortUrl: `${folder}ort/`, runtime, verbose: true });
    const opened = await openLevelModel(files, host);
    if (loseDevice) ((await ort.env.webgpu.device) as unknown as { destroy(): void }).destroy();
    const { maps } = await opened.run(tinyProjection(height, width));
    await opened.dispose();
    return { maps: [...maps], ...opened.runtime };
  },
  async search(model, runtime) {
    const client = new FinderClient({ pluginUrl: '.', modelUrl: model, runtime, verbose: true });
    const series = columnSeries();
    await client.find({ series, source: columnSource() });
    const finding = await client.find({ series, source: columnSource() });
    client.dispose();
    if (finding.status === 'refused') throw new Error(finding.reason.message);
    return { status: finding.status, ...finding.runtime };
  },
  async failure(model) {
    const client = new FinderClient({ pluginUrl: '.', modelUrl: model });
    return client.find({ series: columnSeries(), source: columnSource() }).then(
      ({ status }) => ({ name: 'none', message: status }),
      ({ name, message }: Error) => ({ name, message }),
    );
  },
};
Object.assign(globalThis, { runtimePage: page });
