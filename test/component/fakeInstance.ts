import type { SeriesDescription, SliceDescription } from '../../src/series/types';

/** What the host knows of an image, as naturalised DICOM. */
export function instanceOf(
  slice: SliceDescription,
  { uid, frameOfReferenceUID }: SeriesDescription,
) {
  return {
    PatientID: 'P-1',
    StudyInstanceUID: '1.2.7',
    SeriesInstanceUID: uid,
    SOPInstanceUID: slice.sopInstanceUID,
    FrameOfReferenceUID: frameOfReferenceUID,
    ImagePositionPatient: slice.imagePositionPatient,
    ImageOrientationPatient: slice.imageOrientationPatient,
    PixelSpacing: slice.pixelSpacing,
    Rows: slice.rows,
    Columns: slice.columns,
    SamplesPerPixel: slice.samplesPerPixel,
    PhotometricInterpretation: slice.photometricInterpretation,
    BitsAllocated: slice.bitsAllocated,
    ImageType: slice.imageType,
    AcquisitionNumber: slice.acquisitionNumber,
  };
}
