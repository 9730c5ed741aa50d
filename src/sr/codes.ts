import type { LevelName } from '../levels/types';
import type { Absence } from '../corrections/types';
import type { Act, CountedFrom, Definition } from './types';

/** A coded concept (PS3.3 section 8). */
export interface Code {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
}

/** Designator of our own codes, identified in each report (PS3.3 C.12.1, Coding Scheme Identification). */
export const OWN_SCHEME = '99FINDL3';
export const OWN_SCHEME_NAME = 'Find L3 vertebral levels';

/**
 * Read by OHIF and cornerstone: a viewer without this extension takes everything up to `Probe` and
 * shows a probe on the referenced image.
 */
export const TRACKING_IDENTIFIER = 'Cornerstone3DTools@^0.1.0:Probe:L3Level';

const dcm = (value: string, meaning: string): Code => ({ value, scheme: 'DCM', meaning });
const sct = (value: string, meaning: string): Code => ({ value, scheme: 'SCT', meaning });
const own = (value: string, meaning: string): Code => ({ value, scheme: OWN_SCHEME, meaning });

/** Concepts of TID 1500, 1501, 1001 and 4019 (PS3.16). The meanings of the first four are read by OHIF. */
export const CONCEPTS = {
  measurements: dcm('126010', 'Imaging Measurements'),
  group: dcm('125007', 'Measurement Group'),
  trackingIdentifier: dcm('112039', 'Tracking Identifier'),
  trackingUid: dcm('112040', 'Tracking Unique Identifier'),
  report: dcm('126000', 'Imaging Measurement Report'),
  language: dcm('121049', 'Language of Content Item and Descendants'),
  procedureReported: dcm('121058', 'Procedure reported'),
  imageLibrary: dcm('111028', 'Image Library'),
  imageLibraryGroup: dcm('126200', 'Image Library Group'),
  observerType: dcm('121005', 'Observer Type'),
  personObserverName: dcm('121008', 'Person Observer Name'),
  deviceObserverUid: dcm('121012', 'Device Observer UID'),
  deviceObserverName: dcm('121013', 'Device Observer Name'),
  deviceObserverModel: dcm('121015', 'Device Observer Model Name'),
  finding: dcm('121071', 'Finding'),
  findingSite: sct('363698007', 'Finding Site'),
  comment: dcm('121106', 'Comment'),
  algorithmName: dcm('111001', 'Algorithm Name'),
  algorithmVersion: dcm('111003', 'Algorithm Version'),
  algorithmParameters: dcm('111002', 'Algorithm Parameters'),
  certainty: dcm('111012', 'Certainty of Finding'),
  series: dcm('112002', 'Series Instance UID'),
  imageSeries: own('IMAGE-SERIES', 'Series Instance UID of the image'),
  withdrawal: own('WITHDRAWAL', 'Withdrawal of vertebral levels'),
  height: own('Z', 'Patient z of the level'),
  finalPosition: own('FINAL', 'Final position'),
  foundPosition: own('FOUND', 'Found position'),
  definition: own('DEFINITION', 'Definition of the level'),
  countedFrom: own('COUNTED', 'Numbering counted from'),
  movedAt: own('MOVED-AT', 'Last moved at (UTC)'),
  review: own('REVIEW', 'Review state'),
  act: own('ACT', 'What the reader did'),
  reader: own('READER', 'Reader'),
  reviewedAt: own('REVIEWED-AT', 'Looked at, at (UTC)'),
  absence: own('ABSENCE', 'Why L3 is not in the scan'),
} as const satisfies Record<string, Code>;

export const VALUES = {
  english: { value: 'en-US', scheme: 'RFC5646', meaning: 'English (United States)' },
  person: dcm('121006', 'Person'),
  device: dcm('121007', 'Device'),
  vertebralLevel: own('LEVEL', 'Vertebral level'),
  withdrawn: own('WITHDRAWN', 'No vertebral level: all earlier ones are withdrawn'),
  notLookedAt: own('NOT-LOOKED-AT', 'Not yet looked at by a person'),
  confirmed: own('CONFIRMED', 'Confirmed by a person'),
  byAlgorithm: own('ALGORITHM', 'By the algorithm'),
  byPerson: own('PERSON', 'By a person'),
  millimetre: { value: 'mm', scheme: 'UCUM', meaning: 'millimeter' },
  percent: { value: '%', scheme: 'UCUM', meaning: 'percent' },
} as const satisfies Record<string, Code>;

/** What was imaged (CID 100), by Modality. */
export const PROCEDURES: Readonly<Record<string, Code>> = {
  CT: sct('77477000', 'Computed Tomography'),
  MR: sct('113091000', 'Magnetic Resonance Imaging'),
};
export const OTHER_PROCEDURE: Code = sct('363679005', 'Imaging procedure');

/** Anatomical sites of the levels in SNOMED CT. */
export const VERTEBRAE: Readonly<Record<LevelName, Code>> = {
  T9: sct('82687006', 'T9 vertebra'),
  T10: sct('7610001', 'T10 vertebra'),
  T11: sct('12989004', 'T11 vertebra'),
  T12: sct('23215003', 'T12 vertebra'),
  L1: sct('66794005', 'L1 vertebra'),
  L2: sct('14293000', 'L2 vertebra'),
  L3: sct('36470004', 'L3 vertebra'),
  L4: sct('11994002', 'L4 vertebra'),
  L5: sct('49668003', 'L5 vertebra'),
  S1: sct('65985001', 'S1 vertebra'),
};

export const DEFINITION_CODES: Readonly<Record<Definition, Code>> = {
  'mid-body': own('MID-BODY', 'Middle of the vertebral body'),
  'superior-endplate': own('SUPERIOR', 'Superior endplate'),
  'inferior-endplate': own('INFERIOR', 'Inferior endplate'),
};

export const COUNTED_FROM_CODES: Readonly<Record<CountedFrom, Code>> = {
  sacrum: own('SACRUM', 'The sacrum'),
  'last-rib': own('LAST-RIB', 'The last rib'),
  both: own('BOTH', 'The sacrum and the last rib'),
};

export const ACT_CODES: Readonly<Record<Act, Code>> = {
  confirmed: own('UNTOUCHED', 'Confirmed as it was found'),
  moved: own('MOVED', 'Moved by hand'),
  renumbered: own('RENUMBERED', 'Numbering moved to another vertebra'),
  placed: own('PLACED', 'Placed by hand'),
};

export const ABSENCE_CODES: Readonly<Record<Absence, Code>> = {
  'ends-above-l3': own('ENDS-ABOVE', 'The scan ends above L3'),
  'begins-below-l3': own('BEGINS-BELOW', 'The scan begins below L3'),
};
