const DASHES = 0x2d;
const HEAD_BYTES = 4096;

/**
 * The first part of a multipart body (RFC 2046), without its boundaries; all of a body that is none.
 *
 * @param type Content-Type of the body
 * @returns `type`: that of the body with the part's header behind it
 * @throws Error where a multipart body has no part
 */
export function firstPart(bytes: Uint8Array, type: string): { bytes: Uint8Array; type: string } {
  if (!/^multipart\//i.test(type)) return { bytes, type };
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, HEAD_BYTES));
  const begin = head.indexOf('--');
  const end = head.indexOf('\r\n\r\n', begin);
  if (begin < 0 || end < 0) {
    throw new Error('the server answered with a multipart body without parts');
  }
  const boundary = head.slice(begin, head.indexOf('\r\n', begin));
  const content = bytes.subarray(end + 4);
  const length = indexOf(content, `\r\n${boundary}`);
  return {
    bytes: length < 0 ? content : content.subarray(0, length),
    type: `${type}\n${head.slice(0, end)}`,
  };
}

/** Where a text of one byte a character begins, or -1. */
function indexOf(bytes: Uint8Array, text: string): number {
  const codes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  // The first dash is rarer in pixels than what comes before it.
  const rare = codes.indexOf(DASHES);
  for (let at = bytes.indexOf(DASHES, rare); at >= 0; at = bytes.indexOf(DASHES, at + 1)) {
    if (codes.every((code, i) => bytes[at - rare + i] === code)) return at - rare;
  }
  return -1;
}
