import { encodeCorrection } from '../../corrections/correctionFile';
import { makeCorrection } from '../../corrections/makeCorrection';
import { personKey } from '../../corrections/personKey';
import type { Finding } from '../../finder/types';
import type { Vec3 } from '../../series/types';
import { textOf } from '../../sr/values';
import { definitionOffsetMm, levelsOf } from '../mark/spine';
import type { LevelMark } from '../mark/types';
import type { Instance } from '../ohif';

type Answered = Exclude<Finding, { status: 'refused' }>;

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
  const patientId = textOf(image.PatientID) || mark.studyInstanceUID;
  const issuer = textOf(image.IssuerOfPatientID);
  return encodeCorrection(
    makeCorrection({
      projection: finding.projection,
      modality: finding.series.modality,
      window: finding.window,
      model: finding.model,
      person: personKey({ patientId, issuer, salt }),
      outcome: finding.status,
      found: levelsOf(finding),
      l3PointLpsMm: middleOf(mark, finding),
    }),
  );
}

/** The centre of the body that a mark lies on: of the found body where it is near, for an endplate. */
function middleOf({ pointLpsMm, definition }: LevelMark, finding: Answered): Vec3 {
  const [x, y, z] = pointLpsMm;
  return [x, y, z - definitionOffsetMm(definition, levelsOf(finding), 'L3')];
}
