import { stat } from 'node:fs/promises';
import { byCause, failureOf, faultOf } from '../io/causes';
import type { Fault } from '../io/causes';
import { isNiftiName } from '../io/nifti/niftiFile';
import { lookAtFile } from '../io/lookAtFile';
import type { SeenFile } from '../io/lookAtFile';
import { unreadable } from '../io/types';
import { fallsTo } from './shard';
import type { Shard } from './shard';
import type { FailedFiles, FileStamp, FoundSeries } from './types';
import { MOST_FILES, unitsIn } from './units';
import type { Unit } from './units';

/** What lies in one unit of the tree, as far as it falls to the shard. */
export interface Walked {
  /** Folders, or a file named itself, whose unreadable files are all among `failures`. */
  readonly folders: readonly string[];
  readonly series: readonly FoundSeries[];
  readonly failures: readonly FailedFiles[];
  /** Files that are no images. */
  readonly passedOver: readonly Fault[];
  /** How many files the unit counts for, as `filesFor` does. */
  readonly files: number;
}

export interface WalkOptions {
  readonly shard: Shard;
  /** A folder that is not entered. */
  readonly leaveOut?: string;
  /** A unit of more files is looked through by all shards; the most of a unit of folders unless told. */
  readonly sharedFrom?: number;
  readonly signal?: AbortSignal;
}

/** Headers that are read at a time, so that a disk far away is not waited for file by file. */
const AT_A_TIME = 8;

/**
 * Walks through a folder in depth, or to one file, and groups what it finds by series; only headers are read,
 * and what was yielded is not held.
 *
 * @param input as the person named it.
 * @param path the same, absolute.
 * @throws the signal's reason when it is aborted.
 */
export async function* walk(
  input: string,
  path: string,
  options: WalkOptions,
): AsyncGenerator<Walked, void, void> {
  const isFolder = (await stat(path)).isDirectory();
  const units = isFolder ? unitsIn(path, options.leaveOut) : [fileAlone(path)];
  for await (const unit of units) {
    options.signal?.throwIfAborted();
    const walked = await lookThrough(unit, input, isFolder, options);
    if (walked) yield walked;
  }
}

/** How many files of an input fall to the shard, about where a large folder is shared; none is opened. */
export async function* filesFor(
  path: string,
  { leaveOut, ...options }: WalkOptions,
): AsyncGenerator<number, void, void> {
  if (!(await stat(path)).isDirectory()) return yield shareOf(fileAlone(path), options).count;
  for await (const unit of unitsIn(path, leaveOut)) {
    if (options.signal?.aborted) return;
    yield shareOf(unit, options).count;
  }
}

function fileAlone(path: string): Unit {
  return { name: '', folders: [path], files: [path], faults: [] };
}

/**
 * A unit falls to one shard; NIfTI files fall to shards one by one; a folder of very many files is looked
 * through by all, and its series are shared.
 */
function shareOf(unit: Unit, { shard, sharedFrom = MOST_FILES }: WalkOptions) {
  const isOwn = fallsTo(shard, unit.name);
  const isShared = unit.files.length > sharedFrom && shard.count > 1;
  const files = unit.files.filter((path) =>
    isNiftiName(path) ? fallsTo(shard, nameIn(unit, path)) : isOwn || isShared,
  );
  const count = isShared ? Math.round(unit.files.length / shard.count) : files.length;
  return { isOwn, isShared, files, count };
}

/** Name of a file that is the same on every machine. */
function nameIn({ name }: Unit, path: string): string {
  return `${name}/${path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)}`;
}

async function lookThrough(
  unit: Unit,
  input: string,
  inFolder: boolean,
  options: WalkOptions,
): Promise<Walked | null> {
  const { shard, signal } = options;
  const { isOwn, isShared, files, count } = shareOf(unit, options);
  if (files.length === 0 && !(isOwn && unit.folders.length > 0)) return null;
  const series = new Map<string, Pick<FoundSeries, 'about' | 'beside'> & { files: FileStamp[] }>();
  const stamps = new Map<string, FileStamp>();
  const faults: Fault[] = isOwn ? [...unit.faults] : [];
  const passedOver: Fault[] = [];
  for (let from = 0; from < files.length; from += AT_A_TIME) {
    signal?.throwIfAborted();
    const some = files.slice(from, from + AT_A_TIME);
    const seen = await Promise.all(some.map((path) => look(path, inFolder, signal)));
    seen.forEach(({ stamp, beside, file }) => {
      if (file.kind === 'nifti') {
        const { path } = file;
        // Its name tells less than its content: it has come to every shard of a shared folder.
        if (isShared && !isNiftiName(path) && !fallsTo(shard, nameIn(unit, path))) return;
        series.set(path, { about: niftiAbout(path), files: [stamp], beside });
      } else if (file.kind === 'dicom') {
        const uid = file.instance.seriesInstanceUID;
        if (isShared && !fallsTo(shard, uid)) return;
        const known = series.get(uid);
        if (known) known.files.push(stamp);
        else series.set(uid, { about: dicomAbout(file.instance), files: [stamp], beside });
      } else if (!isOwn || file.kind === 'voxels-of-pair') return;
      else if (file.kind === 'no-image') passedOver.push(file.fault);
      else {
        faults.push(file.fault);
        stamps.set(stamp.path, stamp);
      }
    });
  }
  return {
    folders: isOwn ? unit.folders : [],
    series: [...series.values()].map((found) => ({ input, ...found })),
    failures: byCause(faults).map((cause) => ({
      failure: failureOf(input, cause),
      files: cause.paths.map((path) => stamps.get(path) ?? { path, bytes: 0, changed: 0 }),
    })),
    passedOver,
    files: count,
  };
}

interface Seen {
  readonly stamp: FileStamp;
  /** Of the files that are read with it. */
  readonly beside: readonly FileStamp[];
  readonly file: SeenFile;
}

async function look(path: string, inFolder: boolean, signal?: AbortSignal): Promise<Seen> {
  try {
    const stamp = await stampOf(path);
    const file = await lookAtFile(path, inFolder, signal);
    const voxels = file.kind === 'nifti' ? file.voxels : null;
    // Where they are missing the series fails, and is tried again.
    const beside =
      voxels === null
        ? []
        : await stampOf(voxels).then(
            (one) => [one],
            () => [],
          );
    return { stamp, beside, file };
  } catch (cause) {
    signal?.throwIfAborted();
    const fault = faultOf(path, unreadable(path, cause));
    return { stamp: { path, bytes: 0, changed: 0 }, beside: [], file: { kind: 'fault', fault } };
  }
}

async function stampOf(path: string): Promise<FileStamp> {
  const { size, mtimeMs } = await stat(path);
  return { path, bytes: size, changed: Math.floor(mtimeMs) };
}

function niftiAbout(path: string): FoundSeries['about'] {
  return { uid: path, modality: '', frameOfReferenceUID: null, slices: [] };
}

function dicomAbout({
  seriesInstanceUID: uid,
  modality,
  frameOfReferenceUID,
  about,
}: Extract<SeenFile, { kind: 'dicom' }>['instance']): FoundSeries['about'] {
  return { uid, modality, frameOfReferenceUID, slices: [], ...about };
}
