import { join } from 'node:path';
import { JPEG_LS } from './dicomBytes';
import { TestService } from './service';

let service: TestService;
beforeAll(async () => {
  service = await TestService.start();
});
afterAll(() => service.stop());

test('folders are read in depth; what cannot be used is counted and named', () => {
  expect(service.report).toMatchObject({ added: 10, duplicates: 1, notDicom: 1 });
  expect(service.report.malformed).toEqual([
    {
      path: join(service.folder, 'in/b/cut.dcm'),
      reason: 'the DICOM file is damaged or cut off: its pixel data are incomplete',
    },
    { path: join(service.folder, 'in/b/nameless.dcm'), reason: 'has no SOPInstanceUID' },
  ]);
});

describe('QIDO-RS', () => {
  test('answers studies with their counts and modalities', async () => {
    const [first] = await service.found('/studies?StudyInstanceUID=1.2.3');
    expect(first).toEqual({
      '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
      '00080020': { vr: 'DA', Value: ['20240131'] },
      '00080030': { vr: 'TM', Value: ['101530'] },
      '00080050': { vr: 'SH', Value: ['A1'] },
      '00080056': { vr: 'CS', Value: ['ONLINE'] },
      '00080061': { vr: 'CS', Value: ['CT', 'SR'] },
      '00080090': { vr: 'PN' },
      '00081030': { vr: 'LO', Value: ['Abdomen'] },
      '00081190': { vr: 'UR', Value: ['http://localhost:80/dicomweb/studies/1.2.3'] },
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Doe^Jane' }] },
      '00100020': { vr: 'LO', Value: ['P1'] },
      '0020000D': { vr: 'UI', Value: ['1.2.3'] },
      '00201206': { vr: 'IS', Value: [2] },
      '00201208': { vr: 'IS', Value: [3] },
    });
  });

  test.each([
    ['', ['1.2.3', '3.1', '2.5']],
    ['?limit=2', ['1.2.3', '3.1']],
    ['?limit=2&offset=2', ['2.5']],
    ['?limit=0', []],
    ['?PatientName=*m%C3%BCller*', ['2.5']],
    ['?PatientName=M%C3%BCller%5ERen%C3%A9e', ['2.5']],
    ['?PatientName=M%3Fller*', ['2.5']],
    ['?00100010=doe*', ['1.2.3', '3.1']],
    ['?PatientName=', ['1.2.3', '3.1', '2.5']],
    ['?00100020=*1*', ['1.2.3', '3.1', '2.5']],
    ['?StudyDescription=*(low*', ['2.5']],
    ['?StudyDescription=*(LOW*', ['2.5']],
    ['?StudyDescription=.*', []],
    ['?AccessionNumber=A', []],
    ['?AccessionNumber=a1', ['1.2.3', '3.1', '2.5']],
    ['?StudyDate=20240131', ['1.2.3', '3.1']],
    ['?StudyDate=20230101-20231231', ['2.5']],
    ['?StudyDate=-20231231', ['2.5']],
    ['?StudyDate=20230616-', ['1.2.3', '3.1']],
    ['?StudyTime=1015-1015', ['1.2.3', '3.1', '2.5']],
    ['?StudyTime=1016-', []],
    ['?ModalitiesInStudy=MR', ['2.5']],
    ['?ModalitiesInStudy=mr', []],
    ['?ModalitiesInStudy=SR%5CMR', ['1.2.3', '2.5']],
    ['?ModalitiesInStudy=SR,MR', ['1.2.3', '2.5']],
    ['?StudyInstanceUID=1.2.3%5C2.5', ['1.2.3', '2.5']],
    ['?StudyInstanceUID=1.2.*', []],
    ['?NumberOfStudyRelatedInstances=4', ['3.1']],
    [
      '?limit=101&offset=0&fuzzymatching=false&includefield=00081030,00080060',
      ['1.2.3', '3.1', '2.5'],
    ],
  ])('finds studies by %s', async (query, expected) => {
    expect(await service.values(`/studies${query}`, '0020000D')).toEqual(expected);
  });

  test('answers series and instances, of a study and of all', async () => {
    expect(await service.values('/studies/1.2.3/series', '0020000E')).toEqual([
      '1.2.3.1',
      '1.2.3.2',
    ]);
    expect(await service.values('/studies/1.2.3/series', '00201209')).toEqual([2, 1]);
    expect(await service.values('/studies/1.2.3/series?Modality=SR', '0020000E')).toEqual([
      '1.2.3.2',
    ]);
    expect(await service.values('/series?Modality=MR', '0020000E')).toEqual(['2.5.2']);
    const instances = '/studies/1.2.3/series/1.2.3.1/instances';
    expect(await service.values(instances, '00080018')).toEqual(['1.2.3.1.1', '1.2.3.1.2']);
    expect(await service.values(`${instances}?InstanceNumber=2`, '00080018')).toEqual([
      '1.2.3.1.2',
    ]);
    expect(await service.values('/studies/1.2.3/instances', '00080018')).toHaveLength(3);
    expect(await service.values('/instances?SOPInstanceUID=2.5.2.1', '00280008')).toEqual([2]);
    expect(await service.values('/instances?SOPInstanceUID=3.1.1.1', '00083002')).toEqual([
      JPEG_LS,
    ]);
    expect(await service.found('/studies/9.9/series')).toEqual([]);
  });

  test('includes the fields asked for', async () => {
    const instance = '/instances?SOPInstanceUID=1.2.3.1.1';
    const position = { vr: 'DS', Value: [-1.5, 2, 30] };
    expect((await service.found(instance))[0]).not.toHaveProperty('00200032');
    for (const field of ['ImagePositionPatient', '00200032', 'all', '00080060,00200032']) {
      const [answer] = await service.found(`${instance}&includefield=${field}`);
      expect(answer!['00200032']).toEqual(position);
    }
    const [study] = await service.found('/studies?StudyInstanceUID=1.2.3&includefield=Modality');
    expect(study).not.toHaveProperty('00080060');
  });

  test.each([
    ['?Colour=red', 'Colour is not the keyword or tag of a DICOM attribute'],
    ['?SeriesDescription=x', 'this server cannot search a study by SeriesDescription'],
    ['?constructor=x', 'constructor is not the keyword or tag of a DICOM attribute'],
    ['?limit=few', 'limit must be a whole number, not few'],
    ['?offset=-1', 'offset must be a whole number, not -1'],
    ['?includefield=Colour', 'includefield: Colour is not a DICOM attribute'],
  ])('refuses %s', async (query, message) => {
    const answer = await service.get(`/studies${query}`);
    expect([answer.statusCode, answer.json()]).toEqual([400, { message }]);
  });

  test('says that fuzzy matching is not done', async () => {
    expect((await service.get('/studies?fuzzymatching=true')).headers.warning).toMatch(/^299 /);
    expect((await service.get('/studies?fuzzymatching=false')).headers.warning).toBeUndefined();
  });
});
