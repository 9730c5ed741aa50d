import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Dataset } from '../../../src/sr/types';
import { writePhantomSeries } from '../../../src/phantom/writePhantomSeries';
import { fileOf, readBack } from '../../unit/sr/dicomFile';
import type { MrStudy } from './phantoms';

/**
 * Run as a program: writes a CT study of two phases of one frame of reference, with a PET series of that
 * frame and contours on the second phase, into the folder named, and `studies.json`.
 */
const root = path.resolve(process.argv[2]);
const native = await writePhantomSeries(path.join(root, 'native'), {
  columns: 128,
  sliceSpacingMm: 4,
});
const { studyInstanceUID } = native;
const uidOf = (name: string, index: number) =>
  `${studyInstanceUID.slice(0, 40)}.${['venous', 'pet', 'contours'].indexOf(name) + 1}.${index}`;
const STORED = { TransferSyntaxUID: '1.2.840.10008.1.2.1' };
const RT_STRUCTURE_SET = '1.2.840.10008.5.1.4.1.1.481.3';

/** The native series under other UIDs, with the attributes given. */
async function copyAs(name: string, change: Dataset): Promise<readonly Dataset[]> {
  await mkdir(path.join(root, name));
  return Promise.all(
    native.files.map(async (file, i) => {
      const bytes = await readFile(file);
      const slice = {
        ...readBack(new Uint8Array(bytes).buffer),
        ...change,
        _meta: STORED,
        SeriesInstanceUID: uidOf(name, 0),
        SOPInstanceUID: uidOf(name, i + 1),
        SeriesDescription: name,
      } as unknown as Dataset;
      await writeFile(path.join(root, name, `${i}.dcm`), new Uint8Array(fileOf(slice)));
      return slice;
    }),
  );
}

const venous = await copyAs('venous', { SeriesNumber: '3' } as Dataset);
await copyAs('pet', {
  SeriesNumber: '4',
  Modality: 'PT',
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.128',
  RescaleType: 'US',
  RescaleIntercept: '0',
  Units: 'CNTS',
} as Dataset);
const [middle] = venous.slice(venous.length >> 1);
const reference = {
  ReferencedSOPClassUID: middle.SOPClassUID,
  ReferencedSOPInstanceUID: middle.SOPInstanceUID,
};
const [, , z] = (middle.ImagePositionPatient as readonly unknown[]).map(Number);
const square = [-20, -20, 20, -20, 20, 20, -20, 20];
const contours = {
  _meta: STORED,
  SOPClassUID: RT_STRUCTURE_SET,
  SOPInstanceUID: uidOf('contours', 1),
  StudyInstanceUID: studyInstanceUID,
  SeriesInstanceUID: uidOf('contours', 0),
  SeriesNumber: '5',
  SeriesDescription: 'contours',
  InstanceNumber: '1',
  Modality: 'RTSTRUCT',
  PatientID: middle.PatientID,
  PatientName: middle.PatientName,
  StudyDate: middle.StudyDate,
  StudyTime: middle.StudyTime,
  StructureSetLabel: 'contours',
  StructureSetDate: '20250101',
  ReferencedFrameOfReferenceSequence: [
    {
      FrameOfReferenceUID: middle.FrameOfReferenceUID,
      RTReferencedStudySequence: [
        {
          ReferencedSOPClassUID: '1.2.840.10008.3.1.2.3.1',
          ReferencedSOPInstanceUID: studyInstanceUID,
          RTReferencedSeriesSequence: [
            { SeriesInstanceUID: uidOf('venous', 0), ContourImageSequence: [reference] },
          ],
        },
      ],
    },
  ],
  StructureSetROISequence: [
    {
      ROINumber: '1',
      ReferencedFrameOfReferenceUID: middle.FrameOfReferenceUID,
      ROIName: 'square',
      ROIGenerationAlgorithm: 'MANUAL',
    },
  ],
  ROIContourSequence: [
    {
      ReferencedROINumber: '1',
      ROIDisplayColor: ['255', '0', '0'],
      ContourSequence: [
        {
          ContourGeometricType: 'CLOSED_PLANAR',
          NumberOfContourPoints: '4',
          ContourData: square.flatMap((value, i) =>
            i % 2 === 0 ? [String(value)] : [String(value), z.toFixed(3)],
          ),
          ContourImageSequence: [reference],
        },
      ],
    },
  ],
  RTROIObservationsSequence: [
    {
      ObservationNumber: '1',
      ReferencedROINumber: '1',
      RTROIInterpretedType: 'ORGAN',
      ROIInterpreter: '',
    },
  ],
} as unknown as Dataset;
await mkdir(path.join(root, 'contours'));
await writeFile(path.join(root, 'contours', '1.dcm'), new Uint8Array(fileOf(contours)));
const study: MrStudy = {
  studyInstanceUID,
  seriesInstanceUIDs: {
    native: native.seriesInstanceUID,
    ...Object.fromEntries(['venous', 'pet', 'contours'].map((name) => [name, uidOf(name, 0)])),
  },
  truth: native.truth,
};
await writeFile(path.join(root, 'studies.json'), JSON.stringify({ objects: study }, null, 2));
