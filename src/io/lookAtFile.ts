import { readInstance } from './dicom/dicomInstance';
import type { InstanceFile } from './dicom/dicomInstance';
import { faultOf } from './causes';
import type { Fault } from './causes';
import { formatOf } from './otherFormats';
import { InputError } from './types';

/** What a file is, as far as its name and its header tell. */
export type SeenFile =
  | { readonly kind: 'dicom'; readonly instance: InstanceFile }
  /** By its name; it is not opened. */
  | { readonly kind: 'nifti'; readonly path: string }
  /** Of a folder, passed over; the fault says what it is. */
  | { readonly kind: 'no-image'; readonly fault: Fault }
  | { readonly kind: 'fault'; readonly fault: Fault };

const NIFTI_NAME = /\.nii(\.gz)?$/i;
const DICOM_NAME = /\.(dcm|dicom|ima)$/i;

/** Whether a file is taken for NIfTI, by its name. */
export function isNiftiName(path: string): boolean {
  return NIFTI_NAME.test(path);
}

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
  if (isNiftiName(path)) return { kind: 'nifti', path };
  try {
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
