import dcmjs from 'dcmjs';
import { fromDicomJson } from '../../../src/sr/dicomJson';
import { levelReport } from '../../../src/sr/levelReport';
import { readLevelReport } from '../../../src/sr/readLevelReport';
import { source } from './levels';

const { DicomMetaDictionary } = dcmjs.data;

test('a report that comes as DICOM JSON reads as the one that was stored', () => {
  const first = levelReport(source());
  const second = levelReport(source({ predecessors: [readLevelReport(first)!.report] }));
  for (const dataset of [first, second]) {
    const json: unknown = JSON.parse(
      JSON.stringify(DicomMetaDictionary.denaturalizeDataset(dataset)),
    );
    expect(readLevelReport(fromDicomJson(json))).toEqual(readLevelReport(dataset));
  }
});

test('what is no report gives nothing', () => {
  for (const json of [null, 'x', {}, { '0040A730': { vr: 'SQ' } }, { '00080016': null }]) {
    expect(readLevelReport(fromDicomJson(json))).toBeNull();
  }
});
