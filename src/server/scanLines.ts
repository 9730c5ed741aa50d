import { relative } from 'node:path';
import { byCause, filesText } from '../io/causes';
import type { ScanReport } from './dicomweb/dicomIndex';

/** What a scan of a folder passed over: how many files, and why, a line for each cause. */
export function scanLines(folder: string, report: ScanReport): readonly string[] {
  const { duplicates, notDicom, malformed, renamed, otherPatients } = report;
  const passedOver = duplicates + notDicom + malformed.length;
  const files = (count: number) => `${count} ${count === 1 ? 'file' : 'files'}`;
  const faults = malformed.map(({ path, reason }) => ({
    path: relative(folder, path) || path,
    what: reason,
    advice: '',
  }));
  return [
    ...(passedOver > 0 ? [`Passed over ${files(passedOver)} of ${folder}:`] : []),
    ...byCause(faults).map(({ what, paths }) => `  ${filesText(paths)}: ${what}`),
    ...(duplicates > 0 ? [`  ${files(duplicates)}: the same image is there already`] : []),
    ...(notDicom > 0 ? [`  ${files(notDicom)}: no DICOM image or report`] : []),
    ...(renamed > 0
      ? [
          `Warning: ${files(renamed)} of ${folder} share the SOP Instance UID of another image. ` +
            'They are shown under UIDs of their own; what is saved on them cannot be found by others.',
        ]
      : []),
    ...(otherPatients > 0
      ? [
          `Warning: in ${folder}, a study of one patient holds ${files(otherPatients)} of another (one Study Instance UID). ` +
            'They are shown under the name of the patient whose file came first.',
        ]
      : []),
  ];
}
