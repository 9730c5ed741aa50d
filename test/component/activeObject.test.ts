import { TextDecoder, TextEncoder } from 'node:util';
import { substitutionText } from '../../src/panel/choiceText';
import type { SeriesDescription } from '../../src/series/types';
import type { Dataset } from '../../src/sr/types';
import { sayMessage, sayReason } from '../../src/text/say';
import type { DisplaySet } from '../../src/viewer/host/ohif';
import { fileOf, readBack } from '../unit/sr/dicomFile';
import { axialDescription, FRAME } from './fixtures';
import { host, resetFinder, run, settled, startHost, state } from './start';

jest.mock('../../src/pluginUrl', () => ({ PLUGIN_URL: 'https://pacs.test/ohif/plugins/find-l3/' }));
jest.mock('../../src/worker/finderClient', () => jest.requireActual('./start'));

// jsdom has none, and dcmjs writes with them.
Object.assign(globalThis, { TextEncoder, TextDecoder });

beforeEach(resetFinder);

const NATIVE = axialDescription('1.2.3.1');
const VENOUS = axialDescription('1.2.3.2');
const SOP_CLASSES = '1.2.840.10008.5.1.4.1.1.';
const STORED = { TransferSyntaxUID: '1.2.840.10008.1.2.1' };

/** An object as a PACS has it: written as a file, and read and named as the host does. */
function objectOf(modality: string, sopClass: string, attributes: Dataset): Dataset {
  return readBack(
    fileOf({
      _meta: STORED,
      SOPClassUID: `${SOP_CLASSES}${sopClass}`,
      SOPInstanceUID: '1.2.8.1',
      StudyInstanceUID: '1.2.7',
      SeriesInstanceUID: '1.2.8',
      PatientID: 'P-1',
      Modality: modality,
      ...attributes,
    } as Dataset),
  );
}

const image = (uid: string) => ({
  ReferencedSOPClassUID: `${SOP_CLASSES}2`,
  ReferencedSOPInstanceUID: `${uid}.1`,
});
const series = (uid: string) => ({
  SeriesInstanceUID: uid,
  ReferencedInstanceSequence: [image(uid)],
});
const evidence = (uid: string) => [
  {
    StudyInstanceUID: '1.2.7',
    ReferencedSeriesSequence: [{ SeriesInstanceUID: uid, ReferencedSOPSequence: [image(uid)] }],
  },
];
const contours = (uid: string) => [
  {
    FrameOfReferenceUID: FRAME,
    RTReferencedStudySequence: [
      {
        ReferencedSOPClassUID: '1.2.840.10008.3.1.2.3.1',
        ReferencedSOPInstanceUID: '1.2.7',
        RTReferencedSeriesSequence: [
          { SeriesInstanceUID: uid, ContourImageSequence: [image(uid)] },
        ],
      },
    ],
  },
];

/** Objects that name the series they were made from. */
const MADE_OF: Readonly<Record<string, (uid: string) => Dataset>> = {
  SEG: (uid) => objectOf('SEG', '66.4', { ReferencedSeriesSequence: [series(uid)] } as Dataset),
  RTSTRUCT: (uid) =>
    objectOf('RTSTRUCT', '481.3', {
      ReferencedFrameOfReferenceSequence: contours(uid),
    } as unknown as Dataset),
  PR: (uid) => objectOf('PR', '11.1', { ReferencedSeriesSequence: [series(uid)] } as Dataset),
  SR: (uid) =>
    objectOf('SR', '88.33', {
      CurrentRequestedProcedureEvidenceSequence: evidence(uid),
    } as unknown as Dataset),
  KO: (uid) =>
    objectOf('KO', '88.59', {
      CurrentRequestedProcedureEvidenceSequence: evidence(uid),
    } as unknown as Dataset),
};

/** Objects that name none. */
const LONE: Readonly<Record<string, () => Dataset>> = {
  PT: () => objectOf('PT', '128', { FrameOfReferenceUID: FRAME } as Dataset),
  CR: () => objectOf('CR', '1', {} as Dataset),
  DOC: () => objectOf('DOC', '104.1', {} as Dataset),
  US: () => objectOf('US', '6.1', {} as Dataset),
};

/** A viewer whose active viewport shows the object, in a study of these series. */
async function startWith(object: Dataset, study: Readonly<Record<string, SeriesDescription>>) {
  await startHost();
  const names = Object.keys(study);
  names.forEach((name, i) =>
    host.addDisplaySet(name, study[name], { SeriesNumber: i + 1, SeriesDescription: name }),
  );
  const displaySet: DisplaySet = {
    displaySetInstanceUID: 'object',
    StudyInstanceUID: '1.2.7',
    SeriesInstanceUID: String(object.SeriesInstanceUID),
    SeriesNumber: 9,
    SeriesDescription: 'object',
    Modality: String(object.Modality),
    instances: [object],
    instance: object,
  };
  host.displaySets.set('object', displaySet);
  host.addStack('default', names[0]);
  host.shownIn.set('default', ['object']);
  host.enterMode();
}

/** The series that a search uses, and what the panel says of the choice. */
async function searched() {
  const { target } = state();
  const chosen = target.ready ? target.series : null;
  await run('findL3');
  await settled();
  const { search } = state();
  return {
    series: 'series' in search ? search.series.description : null,
    says: chosen?.instead
      ? substitutionText(chosen.instead)
      : target.ready
        ? ''
        : sayMessage(target.why),
  };
}

function scout(): SeriesDescription {
  const description = axialDescription('1.2.3.7');
  const [first] = description.slices;
  const slices = [{ ...first, imageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] }];
  return { ...description, slices };
}

function coronal(modality: string): SeriesDescription {
  const description = axialDescription('1.2.3.8');
  const slices = description.slices.slice(0, 20).map((slice, i) => ({
    ...slice,
    imagePositionPatient: [-100, -100 + 5 * i, 100],
    imageOrientationPatient: [1, 0, 0, 0, 0, -1],
  }));
  return { ...description, modality, slices };
}

/** A page with dose or protocol, as scanners put it among the images. */
function page(): SeriesDescription {
  const description = axialDescription('1.2.3.6');
  const slices = description.slices.slice(0, 1).map((slice) => ({
    ...slice,
    imagePositionPatient: null,
    imageOrientationPatient: null,
    samplesPerPixel: 3,
    photometricInterpretation: 'RGB',
  }));
  return { ...description, slices };
}

describe.each(Object.entries(MADE_OF))('%s is active', (modality, make) => {
  test('the series that it was made from is searched, and the panel says so', async () => {
    await startWith(make(VENOUS.uid), { native: NATIVE, venous: VENOUS });
    const { series: used, says } = await searched();
    expect(used).toBe('venous');
    expect(says).toMatch(/^Chosen in this study: axial, 300 mm from head to foot\./);
    expect(says).toContain(`Series 9 (object) is not used`);
    expect(says).toContain(`(${modality})`);
  });

  test('where that one cannot be searched, the best of the study is', async () => {
    await startWith(make(coronal('CT').uid), { coronal: coronal('CT'), native: NATIVE });
    expect((await searched()).series).toBe('native');
  });

  test('where it names a series of another study, the best of this one is', async () => {
    await startWith(make('1.9.9.9'), { scout: scout(), native: NATIVE });
    expect((await searched()).series).toBe('native');
  });
});

describe.each(Object.entries(LONE))('%s is active', (modality, make) => {
  test('the best of the study is searched, and the panel says so', async () => {
    await startWith(make(), { scout: scout(), native: NATIVE });
    const { series: used, says } = await searched();
    expect(used).toBe('native');
    expect(says).toContain(`(${modality})`);
  });
});

test('PET is active: the CT of its own frame of reference is searched, not another that is longer', async () => {
  const other = { ...VENOUS, frameOfReferenceUID: '1.2.3.99' };
  const longer = { ...other, slices: [...other.slices, ...axialBelow(other)] };
  await startWith(LONE.PT(), { other: longer, own: NATIVE });
  expect((await searched()).series).toBe('own');
});

test.each([...Object.entries(MADE_OF), ...Object.entries(LONE)])(
  '%s alone, or beside a scout: the reason is said in words',
  async (modality, make) => {
    await startWith(make(NATIVE.uid), { scout: scout() });
    const beside = await searched();
    expect(beside.series).toBeNull();
    expect(beside.says).toMatch(/none of the CT and MR series in this study can be searched/);
    expect(beside.says).toContain(`(${modality})`);
    expect(host.notifications.map(({ message }) => message)).toContain(beside.says);
  },
);

test.each([
  ['a scout', scout(), 'localizer'],
  ['a coronal CT', coronal('CT'), 'coronal'],
  ['a page of doses', page(), null],
] as const)(
  '%s is active: the axial series is searched, alone it is refused with the reason',
  async (_, active, code) => {
    await startWith(LONE.PT(), { active, native: NATIVE });
    host.shownIn.set('default', ['active']);
    host.activate('default');
    const { series: used, says } = await searched();
    expect(used).toBe('native');
    expect(says).toMatch(/^Chosen in this study: axial.*Series 1 \(active\) is not used: ./s);
    host.displaySets.delete('native');
    host.shownIn.set('default', ['active']);
    host.activate('default');
    host.broadcast('displaySetService', 'DISPLAY_SETS_CHANGED');
    await run('findL3');
    const { search } = state();
    if (search.phase !== 'answered' || search.finding.status !== 'refused')
      throw new Error(search.phase);
    if (code) expect(search.finding.reason.code).toBe(code);
    expect(sayReason(search.finding.reason).message).not.toBe('');
  },
);

function axialBelow({ slices }: SeriesDescription) {
  return slices.map((slice, i) => {
    const [x, y, z] = slice.imagePositionPatient!;
    const below = z - 5 * slices.length;
    return { ...slice, sopInstanceUID: `1.2.4.${i}`, imagePositionPatient: [x, y, below] };
  });
}
