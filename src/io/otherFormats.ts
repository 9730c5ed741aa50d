import { open } from 'node:fs/promises';
import type { NoImage } from '../dicom/instance';
import { isImageOfPair } from './nifti/niftiFile';

/** What a file is that holds no image, and what to do about it. */
export interface OtherFormat {
  /** As in "is a zip archive". */
  readonly what: string;
  readonly advice: string;
}

const GIVE_IMAGES = 'Give a DICOM file, a NIfTI file (.nii, .nii.gz), or a folder that holds some.';
const UNPACK = 'Unpack it and give the folder with its files.';
const CONVERT = 'Convert it to NIfTI (.nii or .nii.gz), or use the original DICOM files.';
const ORIENTATION =
  'It states no orientation: convert the original images to NIfTI (.nii or .nii.gz).';

/** Formats that images come in, by the first bytes of a file. */
const BY_FIRST_BYTES: readonly (OtherFormat & { readonly begins: string })[] = [
  { begins: 'PK\x03\x04', what: 'a zip archive', advice: UNPACK },
  { begins: '7z\xbc\xaf\x27\x1c', what: 'a 7-Zip archive', advice: UNPACK },
  { begins: 'Rar!\x1a\x07', what: 'a RAR archive', advice: UNPACK },
  { begins: '\x1f\x8b', what: 'compressed by gzip', advice: UNPACK },
  { begins: 'BZh', what: 'compressed by bzip2', advice: UNPACK },
  { begins: '\xfd7zXZ\0', what: 'compressed by xz', advice: UNPACK },
  { begins: '\x28\xb5\x2f\xfd', what: 'compressed by zstd', advice: UNPACK },
  { begins: 'NRRD000', what: 'an NRRD volume', advice: CONVERT },
  { begins: 'ObjectType', what: 'a MetaImage volume', advice: CONVERT },
  { begins: '\x89HDF\r\n\x1a\n', what: 'an HDF5 file (MINC and others)', advice: CONVERT },
  { begins: '\x5c\x01\0\0', what: 'the header of an Analyze 7.5 pair', advice: ORIENTATION },
  { begins: '\0\0\x01\x5c', what: 'the header of an Analyze 7.5 pair', advice: ORIENTATION },
];
/** Formats that are told by their names. */
const BY_NAME: readonly (OtherFormat & { readonly named: RegExp })[] = [
  { named: /\.(mgz|mgh)$/i, what: 'a FreeSurfer volume', advice: CONVERT },
];

/** Says what a file is that `readInstance` found to hold no image. */
export async function formatOf(path: string, found: NoImage | 'not-dicom'): Promise<OtherFormat> {
  if (found === 'dicomdir') {
    const what = 'a DICOMDIR, an index of other files';
    return { what, advice: 'Give the folder that holds it.' };
  }
  if (found === 'no-image') return { what: 'DICOM without an image', advice: GIVE_IMAGES };
  const first = await firstBytes(path);
  if (first === '') return { what: 'empty', advice: 'Export or copy the file again.' };
  if (await isImageOfPair(path)) {
    return { what: 'the image file of a .hdr/.img pair', advice: 'Give its .hdr file.' };
  }
  const known =
    BY_NAME.find(({ named }) => named.test(path)) ??
    BY_FIRST_BYTES.find(({ begins }) => first.startsWith(begins));
  return known ?? { what: 'neither a DICOM nor a NIfTI image', advice: GIVE_IMAGES };
}

async function firstBytes(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(16);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    return bytes.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}
