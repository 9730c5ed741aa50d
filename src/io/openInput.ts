import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceFile } from './dicom/dicomInstance';
import { dicomSeries } from './dicom/dicomSeries';
import { openNifti } from './nifti/openNifti';
import { byCause, failureOf, faultOf, filesText } from './causes';
import type { Fault } from './causes';
import { lookAtFile } from './lookAtFile';
import { unreadable } from './types';
import type { InputFailure, LoadedSeries, OpenOptions } from './types';

type Found =
  | { readonly kind: 'dicom'; readonly instances: InstanceFile[] }
  | { readonly kind: 'nifti'; readonly path: string }
  | InputFailure;

const GIVE_IMAGES = 'Give a DICOM file, a NIfTI file (.nii, .nii.gz), or a folder that holds some.';

/**
 * Opens a DICOM file, a NIfTI file (.nii, .nii.gz, or .hdr with its .img), or a folder of any mix of them, searched in
 * depth in the order of the names. DICOM files are grouped by Series Instance UID; only headers are
 * read, pixels follow on demand. Yields a failure for each cause that keeps files or folders from
 * being read, and every series in the order its first file was found. Files in a folder that are no
 * images are passed over and reported to `onSkip`; an input without any image is a failure.
 *
 * @throws the signal's reason when it is aborted, and nothing else.
 */
export async function* openInput(
  input: string,
  options: OpenOptions = {},
): AsyncGenerator<LoadedSeries | InputFailure, void, void> {
  yield* open(input, await look(input, options), options);
}

/**
 * Opens some files of an input, in their order, as `openInput` opens those that it finds.
 *
 * @param input the path as the person gave it.
 * @throws the signal's reason when it is aborted, and nothing else.
 */
export async function* openFiles(
  input: string,
  paths: readonly string[],
  options: OpenOptions = {},
): AsyncGenerator<LoadedSeries | InputFailure, void, void> {
  const { found, faults } = await lookAt(input, paths, false, options);
  yield* open(input, [...failures(input, faults), ...found], options);
}

async function* open(
  input: string,
  found: readonly Found[],
  options: OpenOptions,
): AsyncGenerator<LoadedSeries | InputFailure, void, void> {
  for (const item of found) {
    options.signal?.throwIfAborted();
    if (item.kind === 'failure') yield item;
    else if (item.kind === 'dicom') yield dicomSeries(input, item.instances, options);
    else {
      yield await openNifti(item.path, input, options).catch((error: unknown) =>
        failureOf(input, byCause([faultOf(item.path, error)])[0]),
      );
    }
  }
}

async function look(input: string, options: OpenOptions): Promise<Found[]> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(input)).isDirectory();
  } catch (cause) {
    return failures(input, [faultOf(input, unreadable(input, cause))]);
  }
  const unlisted: Fault[] = [];
  const files = isFolder ? await filesIn(input, unlisted) : [input];
  const { found, faults, skipped } = await lookAt(input, files, isFolder, options);
  faults.unshift(...unlisted);
  if (found.length === 0 && faults.length === 0) {
    const others = byCause(skipped).map(({ what, paths }) => `${filesText(paths)}: ${what}`);
    const held = others.length > 0 ? ` (${others.join('; ')})` : '';
    const advice = byCause(skipped)[0]?.advice ?? GIVE_IMAGES;
    const what = `the folder holds no DICOM or NIfTI image${held}`;
    faults.push({ path: input, what, advice });
  }
  return [...failures(input, faults), ...found];
}

async function lookAt(
  input: string,
  files: readonly string[],
  inFolder: boolean,
  { signal, onProgress, onSkip }: OpenOptions,
): Promise<{ found: Found[]; faults: Fault[]; skipped: Fault[] }> {
  const [found, faults, skipped]: [Found[], Fault[], Fault[]] = [[], [], []];
  const series = new Map<string, InstanceFile[]>();
  for (const [index, path] of files.entries()) {
    signal?.throwIfAborted();
    onProgress?.({ input, done: index, of: files.length });
    const seen = await lookAtFile(path, inFolder, signal);
    if (seen.kind === 'nifti') found.push(seen);
    else if (seen.kind === 'fault') faults.push(seen.fault);
    else if (seen.kind === 'no-image') {
      skipped.push(seen.fault);
      onSkip?.(path, seen.fault.what);
    } else if (seen.kind === 'dicom') {
      const { instance } = seen;
      const known = series.get(instance.seriesInstanceUID);
      if (known) known.push(instance);
      else {
        const instances = [instance];
        series.set(instance.seriesInstanceUID, instances);
        found.push({ kind: 'dicom', instances });
      }
    }
  }
  onProgress?.({ input, done: files.length, of: files.length });
  return { found, faults, skipped };
}

/** All files below a folder, in depth, by name; links to folders are followed once. */
async function filesIn(
  folder: string,
  faults: Fault[],
  above: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const files: string[] = [];
  try {
    const real = await realpath(folder);
    if (above.has(real)) return [];
    const entries = await readdir(folder, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith('.')) continue;
      const kind = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry;
      if (kind?.isDirectory()) {
        files.push(...(await filesIn(path, faults, new Set([...above, real]))));
      } else if (kind?.isFile()) files.push(path);
    }
  } catch (cause) {
    faults.push(faultOf(folder, unreadable(folder, cause)));
  }
  return files;
}

function failures(input: string, faults: readonly Fault[]): InputFailure[] {
  return byCause(faults).map((cause) => failureOf(input, cause));
}
