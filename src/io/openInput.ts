import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readInstance } from './dicom/dicomInstance';
import type { DicomInstance } from './dicom/dicomInstance';
import { dicomSeries } from './dicom/dicomSeries';
import { openNifti } from './nifti/openNifti';
import { InputError, unreadable } from './types';
import type { InputFailure, LoadedSeries, OpenOptions } from './types';

type Found =
  | { readonly kind: 'dicom'; readonly instances: DicomInstance[] }
  | { readonly kind: 'nifti'; readonly path: string }
  | InputFailure;

const NIFTI_NAME = /\.nii(\.gz)?$/i;
const ASK_FOR_HELP = 'Export the file again; if that does not help, report it.';
const DICOM_NAME = /\.(dcm|dicom|ima)$/i;

/**
 * Opens a DICOM file, a NIfTI file (.nii, .nii.gz), or a folder of any mix of them, searched in
 * depth in the order of the names. DICOM files are grouped by Series Instance UID; only headers are
 * read, pixels follow on demand. Yields every series in the order its first file was found, and a
 * failure for every file or folder that cannot be read. Files in a folder that are neither DICOM
 * nor NIfTI are passed over and reported to `onSkip`; an input without any image is a failure.
 *
 * @throws the signal's reason when it is aborted, and nothing else.
 */
export async function* openInput(
  input: string,
  options: OpenOptions = {},
): AsyncGenerator<LoadedSeries | InputFailure, void, void> {
  const found = await look(input, options);
  for (const item of found) {
    options.signal?.throwIfAborted();
    if (item.kind === 'failure') yield item;
    else if (item.kind === 'dicom') yield dicomSeries(input, item.instances);
    else yield await openNifti(item.path, input, options).catch(failureOf(input, item.path));
  }
}

async function look(input: string, options: OpenOptions): Promise<Found[]> {
  const failures: InputFailure[] = [];
  let isFolder: boolean;
  try {
    isFolder = (await stat(input)).isDirectory();
  } catch (cause) {
    return [failureOf(input, input)(unreadable(input, cause))];
  }
  const files = isFolder ? await filesIn(input, input, failures) : [input];
  const found: Found[] = failures;
  const series = new Map<string, DicomInstance[]>();
  let skipped = 0;
  for (const [index, path] of files.entries()) {
    options.signal?.throwIfAborted();
    options.onProgress?.({ input, done: index, of: files.length });
    if (NIFTI_NAME.test(path)) {
      found.push({ kind: 'nifti', path });
      continue;
    }
    try {
      const instance = await readInstance(path, options.signal);
      if (instance === null) {
        if (!isFolder || DICOM_NAME.test(path)) throw notAnImage(path);
        skipped++;
        options.onSkip?.(path);
        continue;
      }
      const known = series.get(instance.seriesInstanceUID);
      if (known) known.push(instance);
      else {
        const instances = [instance];
        series.set(instance.seriesInstanceUID, instances);
        found.push({ kind: 'dicom', instances });
      }
    } catch (error) {
      found.push(failureOf(input, path)(error));
    }
  }
  options.onProgress?.({ input, done: files.length, of: files.length });
  if (found.length > 0) return found;
  const others = skipped > 0 ? `; its ${skipped} files are something else` : '';
  const empty = new InputError(
    input,
    `the folder holds no DICOM or NIfTI image${others}`,
    'Give a DICOM file, a NIfTI file (.nii, .nii.gz), or a folder that holds some.',
  );
  return [failureOf(input, input)(empty)];
}

/** All files below a folder, in depth, by name; links to folders are followed once. */
async function filesIn(
  folder: string,
  input: string,
  failures: InputFailure[],
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
        files.push(...(await filesIn(path, input, failures, new Set([...above, real]))));
      } else if (kind?.isFile()) files.push(path);
    }
  } catch (cause) {
    failures.push(failureOf(input, folder)(unreadable(folder, cause)));
  }
  return files;
}

function notAnImage(path: string): InputError {
  return new InputError(
    path,
    'is neither a DICOM nor a NIfTI image',
    'Give a DICOM file, a NIfTI file (.nii, .nii.gz), or a folder that holds some.',
  );
}

function failureOf(input: string, path: string): (error: unknown) => InputFailure {
  return (error) => {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    const { message, advice } =
      error instanceof InputError ? error : new InputError(path, unexpected(error), ASK_FOR_HELP);
    return { kind: 'failure', input, path, message, advice };
  };
}

function unexpected(error: unknown): string {
  return `cannot be read (${error instanceof Error ? error.message : String(error)})`;
}
