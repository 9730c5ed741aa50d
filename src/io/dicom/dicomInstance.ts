import { PIXEL_DATA } from '../../dicom/dataSet';
import { DicomError } from '../../dicom/dicomError';
import { describeInstance, type DicomInstance, type NoImage } from '../../dicom/instance';
import { InputError } from '../types';
import { readDicomHeader, type DicomFile } from './dicomFile';

/** One image and the file that holds it. */
export interface InstanceFile extends DicomInstance {
  readonly path: string;
  /** Where native pixel data begin in the file; null where that is not how they are stored. */
  readonly nativePixels: { readonly offset: number; readonly fileSize: number } | null;
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
    return typeof instance === 'string'
      ? instance
      : { ...instance, path, nativePixels: nativePixelsIn(data) };
  } catch (error) {
    if (!(error instanceof DicomError)) throw error;
    throw new InputError(path, error.message, error.advice, { cause: error });
  }
}

function nativePixelsIn(file: DicomFile): InstanceFile['nativePixels'] {
  const { dataSet, inflated, isGzip, fileSize } = file;
  const { dataOffset, encapsulated } = dataSet.elements[PIXEL_DATA];
  return inflated || isGzip || encapsulated ? null : { offset: dataOffset, fileSize };
}
