/**
 * WHATWG names of the encodings behind the defined terms of Specific Character Set (PS3.3 C.12.1.1.2).
 * A multi-valued character set switches by escape sequences; the encodings here that need them are
 * ISO-2022-JP (kept as it is) and those in ESCAPED, whose sequences only announce what G1 holds.
 */
const ENCODINGS: Record<string, string> = {
  'ISO_IR 6': 'windows-1252',
  'ISO_IR 100': 'windows-1252',
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 148': 'windows-1254',
  'ISO_IR 203': 'iso-8859-15',
  'ISO_IR 13': 'shift_jis',
  'ISO_IR 166': 'windows-874',
  'ISO_IR 87': 'iso-2022-jp',
  'ISO_IR 159': 'iso-2022-jp',
  'ISO_IR 149': 'euc-kr',
  'ISO_IR 58': 'gb18030',
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
};
const ESCAPE_SEQUENCE = /\x1b[\x20-\x2f]*[\x30-\x7e]/g; // eslint-disable-line no-control-regex

/** Turns the bytes of one text value into a string. */
export type TextDecode = (bytes: Uint8Array) => string;

/**
 * A decoder for the text of a data set.
 * @param terms the values of Specific Character Set (0008,0005); empty for the default repertoire
 * @returns a function that never throws; bytes that the character set does not know become U+FFFD
 */
export function textDecoder(terms: readonly string[]): TextDecode {
  const encodings = terms
    .map((term) => ENCODINGS[term.trim().replace(/^ISO 2022 IR/, 'ISO_IR')])
    .filter((encoding) => encoding !== undefined);
  // With code extensions the last encoding is the widest: the others are ASCII or its supersets.
  const encoding = encodings.at(-1) ?? (terms.length > 0 ? 'utf-8' : 'windows-1252');
  const decoder = new TextDecoder(encoding);
  const stripEscapes = terms.length > 1 && encoding !== 'iso-2022-jp';
  return (bytes) => {
    const text = decoder.decode(bytes);
    return stripEscapes ? text.replace(ESCAPE_SEQUENCE, '') : text;
  };
}
