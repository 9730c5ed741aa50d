import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkInput } from '../../src/io/checkInput';
import { openInput } from '../../src/io/openInput';
import { InputError, type LoadedSeries } from '../../src/io/types';
import { projectSeries } from '../../src/projection/projectSeries';
import { implausibleToProject } from '../../src/projection/projectionBuilder';
import type { Series, VoxelSource } from '../../src/series/types';
import { Unexplained, type Outcome } from './fuzz';

/** What `openInput` says where it knows nothing better: a fault of ours. */
const ASKS_FOR_HELP = /report it/;

/** Files of one name in a folder that goes with the process. */
export class TestFile {
  private readonly folder = mkdtempSync(join(tmpdir(), 'find-l3-fuzz-'));
  readonly path: string;

  constructor(name: string) {
    this.path = join(this.folder, name);
    process.once('exit', () => this.remove());
  }

  write(bytes: Uint8Array): void {
    writeFileSync(this.path, bytes);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What a reader makes of the series of a file. */
export type Look = (loaded: LoadedSeries, series: Series | null) => Promise<void>;

/**
 * Opens a file as the command line does, reads every slice, and projects the series where it is one.
 *
 * @param look at what was accepted, beside another reader.
 */
export async function readFile(path: string, look: Look): Promise<Outcome> {
  let outcome: Outcome = 'refused';
  for await (const item of openInput(path)) {
    if (item.kind === 'failure') {
      if (ASKS_FOR_HELP.test(item.advice)) throw new Unexplained(item.message);
      continue;
    }
    const check = checkInput(item);
    try {
      if (check.ok) {
        outcome = 'accepted';
        if (!implausibleToProject(check.series)) await project(item, check.series);
        await look(item, check.series);
      } else if (item.refusal === null) {
        await firstSlice(item);
        await look(item, null);
      }
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  return outcome;
}

async function project(loaded: LoadedSeries, series: Series): Promise<void> {
  const source: VoxelSource = loaded.openVoxels(series);
  const window = { kind: 'hu', low: -200, high: 800 } as const;
  const { data } = await projectSeries(series, source, { channels: ['max', 'mean'], window });
  if (data.some((value) => !(value >= 0 && value <= 1))) {
    throw new Unexplained('the projection holds values that are none');
  }
}

/** A series that is refused for its geometry may hold a slice all the same. */
async function firstSlice(loaded: LoadedSeries): Promise<void> {
  const { modality, slices } = loaded.description;
  if (slices.length === 0 || (modality !== 'CT' && modality !== 'MR')) return;
  const alone = { uid: '', modality, sourceIndex: [0] } as unknown as Series;
  await loaded.openVoxels(alone).readSlice(0);
}
