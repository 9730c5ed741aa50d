import type { Vec3 } from '../series/types';
import type { Code } from './codes';
import type { Dataset, ReportedSlice } from './types';

/** Content items of a structured report (PS3.3 C.17.3), in dcmjs' naturalised form. */
export type Relationship =
  | 'CONTAINS'
  | 'HAS CONCEPT MOD'
  | 'HAS OBS CONTEXT'
  | 'INFERRED FROM'
  | 'SELECTED FROM'
  | 'HAS PROPERTIES';

/** One item of a code sequence. */
export function codeItem({ value, scheme, meaning }: Code): Dataset {
  return { CodeValue: value, CodingSchemeDesignator: scheme, CodeMeaning: meaning };
}

function item(
  relationship: Relationship,
  valueType: string,
  name: Code | null,
  rest: Dataset,
  content: readonly Dataset[] = [],
): Dataset {
  return {
    RelationshipType: relationship,
    ValueType: valueType,
    ...(name ? { ConceptNameCodeSequence: [codeItem(name)] } : {}),
    ...rest,
    ...(content.length > 0 ? { ContentSequence: content } : {}),
  };
}

export function container(name: Code, content: readonly Dataset[]): Dataset {
  return item('CONTAINS', 'CONTAINER', name, { ContinuityOfContent: 'SEPARATE' }, content);
}

export function text(relationship: Relationship, name: Code, value: string): Dataset {
  return item(relationship, 'TEXT', name, { TextValue: value });
}

export function uidRef(relationship: Relationship, name: Code, uid: string): Dataset {
  return item(relationship, 'UIDREF', name, { UID: uid });
}

export function personName(relationship: Relationship, name: Code, value: string): Dataset {
  return item(relationship, 'PNAME', name, { PersonName: value });
}

/** @param value `YYYYMMDDHHMMSS.FFFFFF` (VR DT) */
export function dateTime(relationship: Relationship, name: Code, value: string): Dataset {
  return item(relationship, 'DATETIME', name, { DateTime: value });
}

export function code(
  relationship: Relationship,
  name: Code,
  value: Code,
  content: readonly Dataset[] = [],
): Dataset {
  return item(relationship, 'CODE', name, { ConceptCodeSequence: [codeItem(value)] }, content);
}

export function numeric(
  name: Code,
  value: number,
  unit: Code,
  content: readonly Dataset[] = [],
): Dataset {
  const measured = {
    MeasurementUnitsCodeSequence: [codeItem(unit)],
    NumericValue: decimalString(value),
  };
  return item('CONTAINS', 'NUM', name, { MeasuredValueSequence: [measured] }, content);
}

/** @param columnRow of the image, from the upper left corner of its first pixel (PS3.3 C.18.6.1.2) */
export function imagePoint(columnRow: readonly [number, number], slice: ReportedSlice): Dataset {
  const image = imageReference('SELECTED FROM', slice);
  return item('INFERRED FROM', 'SCOORD', null, point(columnRow), [image]);
}

/** @param lpsMm in the patient's coordinates of a frame of reference */
export function patientPoint(lpsMm: Vec3, frameOfReferenceUID: string): Dataset {
  const where = { ...point(lpsMm), ReferencedFrameOfReferenceUID: frameOfReferenceUID };
  return item('INFERRED FROM', 'SCOORD3D', null, where);
}

export function imageReference(relationship: Relationship, slice: ReportedSlice): Dataset {
  return item(relationship, 'IMAGE', null, { ReferencedSOPSequence: [sopReference(slice)] });
}

function sopReference({ sopClassUID, sopInstanceUID, frameNumber }: ReportedSlice): Dataset {
  return {
    ReferencedSOPClassUID: sopClassUID,
    ReferencedSOPInstanceUID: sopInstanceUID,
    ...(frameNumber === null ? {} : { ReferencedFrameNumber: String(frameNumber) }),
  };
}

function point(coordinates: readonly number[]): Dataset {
  return { GraphicType: 'POINT', GraphicData: [...coordinates] };
}

/** VR DS: at most 16 characters. */
function decimalString(value: number): string {
  return String(Number(value.toFixed(4)) + 0);
}
