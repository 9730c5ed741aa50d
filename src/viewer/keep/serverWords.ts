/** More than this of what a server says is not for a person. */
const LONGEST = 300;

/** Attributes of the answer to a store request (PS3.18 table I.2-2, PS3.7 C): Failed SOP Sequence, Error Comment. */
const [FAILED, COMMENT] = ['00081198', '00000902'];

/**
 * What the server says of its refusal in its own words, or null: the message of a JSON answer, or the
 * comments on the instances that it did not store.
 *
 * @param error as dicomweb-client throws it, with the body of the answer as `response`.
 */
export function serverWords(error: unknown): string | null {
  const answer = parsed((error as { response?: unknown } | null)?.response);
  if (typeof answer !== 'object' || answer === null) return null;
  const { message, Message, Details, errorMessage, title, detail } = answer as Answer;
  const comments = valuesOf(answer, FAILED).flatMap((item) => valuesOf(item, COMMENT));
  const said = [message ?? errorMessage ?? Message ?? title, detail ?? Details, ...comments];
  const words = [...new Set(said.filter((text) => typeof text === 'string' && text.trim() !== ''))];
  return words.length === 0 ? null : words.join('. ').slice(0, LONGEST);
}

/** The fields in which DICOMweb servers say what is wrong: ours, Orthanc's, dcm4chee's, RFC 9457. */
type Answer = Readonly<
  Partial<Record<'message' | 'Message' | 'Details' | 'errorMessage' | 'title' | 'detail', unknown>>
>;

function parsed(response: unknown): unknown {
  const text = response instanceof ArrayBuffer ? new TextDecoder().decode(response) : response;
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return null; // a page, or nothing
  }
}

/** The values of an attribute of a data set in DICOM JSON. */
function valuesOf(dataset: unknown, tag: string): readonly unknown[] {
  const element = (dataset as Readonly<Record<string, { Value?: unknown }>> | null)?.[tag];
  return Array.isArray(element?.Value) ? element.Value : [];
}
