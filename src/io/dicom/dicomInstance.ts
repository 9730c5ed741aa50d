import { DicomError } from '../../dicom/dicomError';
import { describeInstance, type DicomInstance, type NoImage } from '../../dicom/instance';
import { InputError } from '../types';
import { readDicomHeader } from './dicomFile';

/** One image and the file that holds it. */
export interface InstanceFile extends DicomInstance {
  readonly path: string;
}

/**
 * Reads the header of a DICOM image.
 *
 * @returns why it is none, when the file is not DICOM or is DICOM without an image.
 * @throws InputError when it is damaged or lacks what every image has.
 */
export async function readInstance(
  path: string,
  signal?: AbortSignal,
): Promise<InstanceFile | NoImage | 'not-dicom'> {
  const data = await readDicomHeader(path, signal);
  if (data === null) return 'not-dicom';
  try {
    const instance = describeInstance(data);
    return typeof instance === 'string' ? instance : { ...instance, path };
  } catch (error) {
    if (!(error instanceof DicomError)) throw error;
    throw new InputError(path, error.message, error.advice, { cause: error });
  }
}
