/** What names the head or the neck in a header: a picture of it may show the face. */
const FACE =
  /\b(head|skull|schädel|kopf|brain|gesicht|face|facial|orbit|sinus|jaw|mandib|dental|neck|hals|cerv|hws|c-?spine)|头|颅|脑|面|颈/i;
/** Attributes that may name the part of the body. */
const NAMED_IN = ['BodyPartExamined', 'SeriesDescription', 'StudyDescription', 'ProtocolName'];

/**
 * Refuses a scan whose end may show a face.
 *
 * @param textOf the text of an attribute of an image's header, by keyword; '' where there is none
 * @throws Error where the header names the head or the neck
 */
export function refuseFace(textOf: (attribute: string) => string): void {
  if (NAMED_IN.some((name) => FACE.test(textOf(name).replaceAll('_', ' ')))) {
    throw new Error(
      'This scan is named as one of the head or neck: its picture may show the face.',
    );
  }
}
