import { encodeCorrection } from '../../corrections/correctionFile';
import { refuseFace } from '../../corrections/face';
import { makeAbsence, makeCorrection, type SearchInput } from '../../corrections/makeCorrection';
import { personKey } from '../../corrections/personKey';
import type { Absence } from '../../corrections/types';
import { levelsOf } from '../../finder/levelsOf';
import type { Answered } from '../../finder/types';
import type { Vec3 } from '../../series/types';
import { definitionOffsetMm } from '../../sr/definitionOffset';
import { textOf } from '../../sr/values';
import type { LevelMark } from '../mark/types';
import type { Instance } from '../host/ohif';

/**
 * The bytes of the de-identified item of a search that a person corrected or confirmed.
 *
 * @param image of the study, for the pseudonym only
 * @param salt of the pseudonyms, from the admin's setting
 * @throws Error saying why there is none (see `makeCorrection`, `personKey`)
 */
export function correctionOf(
  finding: Answered,
  mark: LevelMark,
  image: Instance,
  salt: string,
): Uint8Array {
  const search = searchOf(finding, image, mark.studyInstanceUID, salt);
  const l3PointLpsMm = middleOf(mark, finding);
  return encodeCorrection(makeCorrection({ ...search, l3PointLpsMm }));
}

/**
 * The bytes of the de-identified item of a search in which L3 is not in view, as a person says.
 *
 * @param image of the study, for the pseudonym, and to see whether it is one of the head or neck
 * @throws Error saying why there is none (see `makeAbsence`, `personKey`)
 */
export function absenceOf(
  finding: Answered,
  absence: Absence,
  image: Instance,
  salt: string,
): Uint8Array {
  refuseFace((name) => textOf(image[name]));
  const search = searchOf(finding, image, textOf(image.StudyInstanceUID), salt);
  return encodeCorrection(makeAbsence({ ...search, absence }));
}

function searchOf(
  finding: Answered,
  image: Instance,
  studyInstanceUID: string,
  salt: string,
): SearchInput {
  const patientId = textOf(image.PatientID) || studyInstanceUID;
  const issuer = textOf(image.IssuerOfPatientID);
  return {
    projection: finding.projection,
    modality: finding.series.modality,
    window: finding.window,
    model: finding.model,
    person: personKey({ patientId, issuer, salt }),
    outcome: finding.status,
    found: levelsOf(finding),
  };
}

/** The centre of the body that a mark lies on: of the found body where it is near, for an endplate. */
function middleOf({ pointLpsMm, definition }: LevelMark, finding: Answered): Vec3 {
  const [x, y, z] = pointLpsMm;
  return [x, y, z - definitionOffsetMm(definition, levelsOf(finding), 'L3')];
}
