import type { Dataset } from './types';

/**
 * Keywords of what level reports hold, by tag (PS3.6); other attributes are left out. Level reports and
 * those that name them are read, not whatever a PACS has.
 */
const KEYWORDS: Readonly<Record<string, string>> = {
  '00080016': 'SOPClassUID',
  '00080018': 'SOPInstanceUID',
  '00080021': 'SeriesDate',
  '00080023': 'ContentDate',
  '00080031': 'SeriesTime',
  '00080033': 'ContentTime',
  '00080100': 'CodeValue',
  '00080102': 'CodingSchemeDesignator',
  '00080104': 'CodeMeaning',
  '00080201': 'TimezoneOffsetFromUTC',
  '0008103E': 'SeriesDescription',
  '00081115': 'ReferencedSeriesSequence',
  '00081150': 'ReferencedSOPClassUID',
  '00081155': 'ReferencedSOPInstanceUID',
  '00081160': 'ReferencedFrameNumber',
  '00081199': 'ReferencedSOPSequence',
  '0020000D': 'StudyInstanceUID',
  '0020000E': 'SeriesInstanceUID',
  '00200011': 'SeriesNumber',
  '00200013': 'InstanceNumber',
  '30060024': 'ReferencedFrameOfReferenceUID',
  '0040A010': 'RelationshipType',
  '0040A040': 'ValueType',
  '0040A043': 'ConceptNameCodeSequence',
  '0040A120': 'DateTime',
  '0040A123': 'PersonName',
  '0040A124': 'UID',
  '0040A160': 'TextValue',
  '0040A168': 'ConceptCodeSequence',
  '0040A300': 'MeasuredValueSequence',
  '0040A30A': 'NumericValue',
  '0040A360': 'PredecessorDocumentsSequence',
  '0040A730': 'ContentSequence',
  '00700022': 'GraphicData',
  '00700023': 'GraphicType',
};

interface Attribute {
  readonly vr?: unknown;
  readonly Value?: unknown;
}

/**
 * A level report in DICOM JSON (PS3.18 Annex F), as WADO-RS gives it, in the naturalised form that
 * `readLevelReport` takes: one value as such, several and sequences as lists.
 */
export function fromDicomJson(json: unknown): Dataset {
  if (typeof json !== 'object' || json === null) return {};
  return Object.fromEntries(
    Object.entries(json as Record<string, Attribute | null>).flatMap(([tag, attribute]) => {
      const keyword = KEYWORDS[tag.toUpperCase()];
      const values = attribute?.Value;
      if (!keyword || !Array.isArray(values)) return [];
      if (attribute?.vr === 'SQ') return [[keyword, values.map(fromDicomJson)]];
      return [[keyword, values.length === 1 ? (values as unknown[])[0] : values]];
    }),
  );
}
