import type { Finding } from '../../src/finder/types';
import type { Progress } from '../../src/projection/types';
import type { Series, VoxelSource } from '../../src/series/types';
import { FindL3Viewer } from '../../src/viewer/findL3Viewer';
import { axialDescription, foundIn } from './fixtures';
import { FakeHost } from './host';

export interface FindRequest {
  series: Series;
  source: VoxelSource;
  onProgress?: (progress: Progress) => void;
  signal?: AbortSignal;
}

/** What the worker's client does in these tests; each sets its `answer`. */
export const finder = {
  made: [] as { pluginUrl: string; modelUrl: string; runtime?: string }[],
  disposed: 0,
  requests: [] as FindRequest[],
  answer: ({ series }: FindRequest): Promise<Finding> => Promise.resolve(foundIn(series)),
};

/** Stands for the worker's client. */
export class FinderClient {
  constructor(options: (typeof finder.made)[number]) {
    finder.made.push(options);
  }

  find(request: FindRequest): Promise<Finding> {
    finder.requests.push(request);
    return finder.answer(request);
  }

  dispose(): void {
    finder.disposed += 1;
  }
}

export function resetFinder(): void {
  localStorage.clear();
  Object.assign(finder, {
    made: [],
    disposed: 0,
    requests: [],
    answer: ({ series }: FindRequest) => Promise.resolve(foundIn(series)),
  });
  Object.assign(globalThis, { FIND_L3_RUNTIME_FOLDER: 'runtime-1' });
  installModel('net');
  jest.spyOn(console, 'debug').mockImplementation(() => {});
}

/** What the plugin folder's models/index.json says; null: there is none. */
export function installModel(name: string | null): void {
  const response = { ok: name !== null, json: async () => ({ default: name }) };
  Object.assign(globalThis, { fetch: async () => response });
}

/** The host of the test that runs. */
export let host: FakeHost;

/** A host with the extension, in no mode yet. */
export async function startHost(): Promise<FakeHost> {
  host = new FakeHost();
  const { default: extension } = await import('../../src/index');
  await host.register(extension);
  return host;
}

/** A host in a mode that shows one axial CT in a stack. */
export async function startWithStack() {
  await startHost();
  host.addDisplaySet('ds-1', axialDescription());
  const stack = host.addStack('default', 'ds-1');
  host.enterMode();
  return stack;
}

/** An axial CT in three planes, searched. */
export async function startWithMpr() {
  await startHost();
  host.addDisplaySet('ds-1', axialDescription());
  const axial = host.addVolume('mpr-axial', 'ds-1', [0, 0, -1]);
  const sagittal = host.addVolume('mpr-sagittal', 'ds-1', [1, 0, 0]);
  const coronal = host.addVolume('mpr-coronal', 'ds-1', [0, 1, 0]);
  host.enterMode();
  await run('findL3');
  return { axial, sagittal, coronal };
}

export const run = (name: string, options?: object) =>
  host.commandsManager.runCommand(name, options) as Promise<Finding | null>;

export const state = () => FindL3Viewer.existing(host.servicesManager as never)!.state.get();

/** The answer, with what is marked and shown of it. */
export function answered() {
  const { search, marking, shown, axial } = state();
  if (search.phase !== 'answered') throw new Error(`the search is ${search.phase}`);
  return { ...search, mark: marking.mark, absence: marking.absence, shown, axial };
}

export const measurements = () =>
  host.all.measurementService.getMeasurements() as {
    uid: string;
    label: string;
    points: number[][];
  }[];

/** After everything that was waiting. */
export const settled = () => new Promise((resolve) => setTimeout(resolve));
