import { readInstance } from './dicom/dicomInstance';
import type { InstanceFile } from './dicom/dicomInstance';
import { imageOfPair, isImageOfPair, isNiftiFile } from './nifti/niftiFile';
import { faultOf } from './causes';
import type { Fault } from './causes';
import { formatOf } from './otherFormats';
import { InputError } from './types';

/** What a file is, as far as its name and its header tell. */
export type SeenFile =
  | { readonly kind: 'dicom'; readonly instance: InstanceFile }
  /** By its name, or as the header of a pair, whose voxels lie in another file then. */
  | { readonly kind: 'nifti'; readonly path: string; readonly voxels: string | null }
  /** Of a folder: the voxels of a NIfTI pair, which are read with its header. */
  | { readonly kind: 'voxels-of-pair' }
  /** Of a folder, passed over; the fault says what it is. */
  | { readonly kind: 'no-image'; readonly fault: Fault }
  | { readonly kind: 'fault'; readonly fault: Fault };

const DICOM_NAME = /\.(dcm|dicom|ima)$/i;

/**
 * Looks at one file; of DICOM the header is read.
 *
 * @param inFolder whether it was found in a folder, where files that are no images are passed over,
 *   and not named itself.
 * @throws the signal's reason when it is aborted, and nothing else.
 */
export async function lookAtFile(
  path: string,
  inFolder: boolean,
  signal?: AbortSignal,
): Promise<SeenFile> {
  try {
    if (await isNiftiFile(path)) return { kind: 'nifti', path, voxels: imageOfPair(path) };
    if (inFolder && (await isImageOfPair(path))) return { kind: 'voxels-of-pair' };
    const instance = await readInstance(path, signal);
    if (typeof instance !== 'string') return { kind: 'dicom', instance };
    const { what, advice } = await formatOf(path, instance);
    const named = instance === 'not-dicom' && DICOM_NAME.test(path);
    if (!inFolder || named) throw new InputError(path, `is ${what}`, advice);
    return { kind: 'no-image', fault: { path, what, advice } };
  } catch (error) {
    return { kind: 'fault', fault: faultOf(path, error) };
  }
}
