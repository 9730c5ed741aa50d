import { createHash } from 'node:crypto';
import dcmjs from 'dcmjs';
import type { Vec3 } from '../series/types';

const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const RESCALE_INTERCEPT = -1024;

/** Whose study it pretends to be; every name starts with PHANTOM. */
export interface PhantomPatient {
  readonly name: string;
  readonly id: string;
  readonly sex: 'F' | 'M' | 'O';
  readonly age: string;
}

/** What all instances of a series share. */
export interface SeriesHeader {
  readonly patient: PhantomPatient;
  readonly studyInstanceUID: string;
  readonly studyDescription: string;
  readonly studyDate: string;
  readonly accessionNumber: string;
  readonly seriesInstanceUID: string;
  readonly seriesNumber: number;
  readonly seriesDescription: string;
  readonly frameOfReferenceUID: string;
  readonly bodyPart: string;
  readonly patientPosition: string;
  readonly gantryTiltDegrees: number;
  readonly imageType: readonly string[];
  readonly sliceThicknessMm: number;
  readonly pixelSpacing: readonly [number, number];
  readonly orientation: readonly number[];
  readonly rows: number;
  readonly columns: number;
  /** Windows offered to the viewer: name, centre and width, HU. */
  readonly windows: readonly (readonly [name: string, centre: number, width: number])[];
  /** HU, or US (unspecified) for a localizer. */
  readonly rescaleType: 'HU' | 'US';
}

export interface InstanceImage {
  readonly sopInstanceUID: string;
  readonly instanceNumber: number;
  readonly position: Vec3;
  /** HU, row-major, -1024 to 3071. */
  readonly pixels: Int16Array;
}

/**
 * A UID under 2.25 (PS3.5 B.2): a UUID made from the text's SHA-256, so that the same phantom has the
 * same UIDs wherever it is made.
 */
export function uidOf(text: string): string {
  const bytes = createHash('sha256').update(`find-l3 phantom/${text}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x80;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${Buffer.from(bytes).toString('hex')}`)}`;
}

/** A decimal string (DS), at most 16 characters. */
function decimalString(value: number): string {
  for (let digits = 12; digits > 0; digits--) {
    const text = String(Number(value.toPrecision(digits)));
    if (text.length <= 16 && !text.includes('e')) return text;
  }
  return '0';
}

/** The patient axis (0 x, 1 y, 2 z) that slices of an orientation are stacked along. */
function normalAxis([ax, ay, az, bx, by, bz]: readonly number[]): number {
  const normal = [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx].map(Math.abs);
  return normal.indexOf(Math.max(...normal));
}

/** The part of dcmjs that writes files; it carries no types. */
interface DicomWriter {
  data: {
    datasetToDict(dataset: Record<string, unknown>): {
      write(options?: {
        allowInvalidVRLength?: boolean;
        fragmentMultiframe?: boolean;
      }): ArrayBuffer;
    };
  };
}

/** One CT Image Storage instance as a DICOM file (PS3.10, explicit VR little endian). */
export function encodeInstance(header: SeriesHeader, image: InstanceImage): Uint8Array {
  const stored = new Uint16Array(image.pixels.length);
  let smallest = 4095;
  let largest = 0;
  for (let i = 0; i < stored.length; i++) {
    const value = image.pixels[i] - RESCALE_INTERCEPT;
    stored[i] = value;
    if (value < smallest) smallest = value;
    if (value > largest) largest = value;
  }
  const time = `0915${String(10 + header.seriesNumber).padStart(2, '0')}`;
  const dataset = {
    SpecificCharacterSet: 'ISO_IR 192',
    ImageType: [...header.imageType],
    SOPClassUID: CT_IMAGE_STORAGE,
    SOPInstanceUID: image.sopInstanceUID,
    StudyDate: header.studyDate,
    SeriesDate: header.studyDate,
    AcquisitionDate: header.studyDate,
    ContentDate: header.studyDate,
    StudyTime: '091500',
    SeriesTime: time,
    AcquisitionTime: time,
    ContentTime: time,
    AccessionNumber: header.accessionNumber,
    Modality: 'CT',
    Manufacturer: 'find-l3',
    InstitutionName: 'SYNTHETIC PHANTOM',
    ReferringPhysicianName: '',
    StudyDescription: header.studyDescription,
    SeriesDescription: header.seriesDescription,
    ManufacturerModelName: 'CT phantom',
    PatientName: header.patient.name,
    PatientID: header.patient.id,
    PatientBirthDate: '',
    PatientSex: header.patient.sex,
    PatientAge: header.patient.age,
    PatientComments: 'Synthetic phantom made by code; not a patient.',
    BodyPartExamined: header.bodyPart,
    SliceThickness: decimalString(header.sliceThicknessMm),
    KVP: '120',
    DataCollectionDiameter: '500',
    DeviceSerialNumber: '0',
    SoftwareVersions: '1',
    ProtocolName: 'Synthetic phantom',
    ReconstructionDiameter: decimalString(header.pixelSpacing[1] * header.columns),
    GantryDetectorTilt: decimalString(header.gantryTiltDegrees),
    ExposureTime: '500',
    XRayTubeCurrent: '240',
    ConvolutionKernel: 'SOFT',
    PatientPosition: header.patientPosition,
    StudyInstanceUID: header.studyInstanceUID,
    SeriesInstanceUID: header.seriesInstanceUID,
    StudyID: '1',
    SeriesNumber: String(header.seriesNumber),
    AcquisitionNumber: '1',
    InstanceNumber: String(image.instanceNumber),
    ImagePositionPatient: image.position.map(decimalString),
    ImageOrientationPatient: header.orientation.map(decimalString),
    FrameOfReferenceUID: header.frameOfReferenceUID,
    PositionReferenceIndicator: '',
    SliceLocation: decimalString(image.position[normalAxis(header.orientation)]),
    ImageComments: 'SYNTHETIC',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: header.rows,
    Columns: header.columns,
    PixelSpacing: header.pixelSpacing.map(decimalString),
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    SmallestImagePixelValue: smallest,
    LargestImagePixelValue: largest,
    QualityControlImage: 'YES',
    BurnedInAnnotation: 'NO',
    WindowCenter: header.windows.map(([, centre]) => decimalString(centre)),
    WindowWidth: header.windows.map(([, , width]) => decimalString(width)),
    RescaleIntercept: String(RESCALE_INTERCEPT),
    RescaleSlope: '1',
    RescaleType: header.rescaleType,
    WindowCenterWidthExplanation: header.windows.map(([name]) => name),
    LossyImageCompression: '00',
    PixelData: stored.buffer,
    _vrMap: { PixelData: 'OW', SmallestImagePixelValue: 'US', LargestImagePixelValue: 'US' },
    _meta: { TransferSyntaxUID: { Value: [EXPLICIT_LITTLE_ENDIAN], vr: 'UI' } },
  };
  const { data } = dcmjs as unknown as DicomWriter;
  return new Uint8Array(data.datasetToDict(dataset).write());
}
