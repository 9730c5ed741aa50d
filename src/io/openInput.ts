import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readInstance } from './dicom/dicomInstance';
import type { InstanceFile } from './dicom/dicomInstance';
import { dicomSeries } from './dicom/dicomSeries';
import { isImageOfPair, isNiftiFile } from './nifti/niftiFile';
import { openNifti } from './nifti/openNifti';
import { byCause, filesText } from './causes';
import { formatOf } from './otherFormats';
import { InputError, unreadable } from './types';
import type { InputFailure, LoadedSeries, OpenOptions } from './types';

type Found =
  | { readonly kind: 'dicom'; readonly instances: InstanceFile[] }
  | { readonly kind: 'nifti'; readonly path: string }
  | InputFailure;
type Fault = { readonly path: string; readonly what: string; readonly advice: string };

const ASK_FOR_HELP = 'Export the file again; if that does not help, report it.';
const GIVE_IMAGES = 'Give a DICOM file, a NIfTI file (.nii, .nii.gz), or a folder that holds some.';
const DICOM_NAME = /\.(dcm|dicom|ima)$/i;

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
  const found = await look(input, options);
  for (const item of found) {
    options.signal?.throwIfAborted();
    if (item.kind === 'failure') yield item;
    else if (item.kind === 'dicom') yield dicomSeries(input, item.instances, options);
    else {
      yield await openNifti(item.path, input, options).catch((error: unknown) =>
        failure(input, byCause([faultOf(item.path, error)])[0]),
      );
    }
  }
}

async function look(input: string, options: OpenOptions): Promise<Found[]> {
  const faults: Fault[] = [];
  const found: Found[] = [];
  const failures = () => byCause(faults).map((cause) => failure(input, cause));
  let isFolder: boolean;
  try {
    isFolder = (await stat(input)).isDirectory();
  } catch (cause) {
    faults.push(faultOf(input, unreadable(input, cause)));
    return failures();
  }
  const files = isFolder ? await filesIn(input, faults) : [input];
  const series = new Map<string, InstanceFile[]>();
  const skipped: Fault[] = [];
  for (const [index, path] of files.entries()) {
    options.signal?.throwIfAborted();
    options.onProgress?.({ input, done: index, of: files.length });
    try {
      if (await isNiftiFile(path)) {
        found.push({ kind: 'nifti', path });
        continue;
      }
      if (isFolder && (await isImageOfPair(path))) continue;
      const instance = await readInstance(path, options.signal);
      if (typeof instance === 'string') {
        const { what, advice } = await formatOf(path, instance);
        const named = instance === 'not-dicom' && DICOM_NAME.test(path);
        if (!isFolder || named) throw new InputError(path, `is ${what}`, advice);
        skipped.push({ path, what, advice });
        options.onSkip?.(path, what);
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
      faults.push(faultOf(path, error));
    }
  }
  options.onProgress?.({ input, done: files.length, of: files.length });
  if (found.length === 0 && faults.length === 0) {
    const others = byCause(skipped).map(({ what, paths }) => `${filesText(paths)}: ${what}`);
    const held = others.length > 0 ? ` (${others.join('; ')})` : '';
    const advice = byCause(skipped)[0]?.advice ?? GIVE_IMAGES;
    const what = `the folder holds no DICOM or NIfTI image${held}`;
    faults.push({ path: input, what, advice });
  }
  return [...failures(), ...found];
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

/** What keeps a file from being read. @throws what is no fault of the file: an abort. */
function faultOf(path: string, error: unknown): Fault {
  if (error instanceof Error && error.name === 'AbortError') throw error;
  if (error instanceof InputError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return { path, what: `cannot be read (${why})`, advice: ASK_FOR_HELP };
}

function failure(
  input: string,
  { what, advice, paths }: ReturnType<typeof byCause>[number],
): InputFailure {
  const message = `${filesText(paths)}: ${what}`;
  return { kind: 'failure', input, path: paths[0], paths, message, advice };
}
