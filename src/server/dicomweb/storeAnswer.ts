import type { StoreOutcome } from '../store/instanceStore';
import type { ReadInstance } from './dicomIndex';
import type { DicomJsonDataset } from './dicomJson';

/** Of the value representation LO. */
const LONGEST_COMMENT = 64;

/** The answer to a store request: its HTTP status and the Store Instances Response Module. */
export interface StoreAnswer {
  status: 200 | 202 | 409;
  dataset: DicomJsonDataset;
}

/**
 * Why an instance is refused is said in its Failure Reason, and in words in its Error Comment.
 * @param urlOf absolute address of a path below the service's root
 */
export function storeAnswer(
  outcomes: readonly StoreOutcome[],
  urlOf: (path: string) => string,
): StoreAnswer {
  const stored = outcomes.filter((outcome) => outcome.stored);
  const failed = outcomes.filter((outcome) => !outcome.stored);
  const referenced = stored.map(({ instance }): DicomJsonDataset => {
    const { studyInstanceUID, seriesInstanceUID, sopInstanceUID } = instance;
    const series = `studies/${studyInstanceUID}/series/${seriesInstanceUID}`;
    const url = urlOf(`${series}/instances/${sopInstanceUID}`);
    return { ...reference(instance), '00081190': { vr: 'UR', Value: [url] } };
  });
  const refused = failed.map(({ instance, failureReason, why }): DicomJsonDataset => ({
    ...(instance ? reference(instance) : {}),
    '00081197': { vr: 'US', Value: [failureReason] },
    // Error Comment
    '00000902': { vr: 'LO', Value: [comment(why)] },
  }));
  const dataset: DicomJsonDataset = {
    ...(refused.length > 0 ? { '00081198': { vr: 'SQ', Value: refused } } : {}),
    ...(referenced.length > 0 ? { '00081199': { vr: 'SQ', Value: referenced } } : {}),
  };
  const studies = new Set(stored.map(({ instance }) => instance.studyInstanceUID));
  if (studies.size === 1) {
    dataset['00081190'] = { vr: 'UR', Value: [urlOf(`studies/${[...studies][0]}`)] };
  }
  return { status: failed.length === 0 ? 200 : stored.length > 0 ? 202 : 409, dataset };
}

function reference({ sopClassUID, sopInstanceUID }: ReadInstance): DicomJsonDataset {
  return {
    '00081150': { vr: 'UI', Value: [sopClassUID] },
    '00081155': { vr: 'UI', Value: [sopInstanceUID] },
  };
}

function comment(why: string): string {
  const text = why.replaceAll('\\', '/');
  return text.length <= LONGEST_COMMENT ? text : `${text.slice(0, LONGEST_COMMENT - 3)}...`;
}
