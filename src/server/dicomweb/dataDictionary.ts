import dcmjs from 'dcmjs';

const { dictionary, nameMap } = dcmjs.data.DicomMetaDictionary;

/** VRs that the standard leaves to the context, with the one that holds here (PS3.6, PS3.5 A.1). */
const CONTEXT_VRS: Record<string, string> = { ox: 'OW', lt: 'OW', up: 'UL', na: 'UN' };

/**
 * The value representation of a tag, for files that do not say it (implicit VR).
 * @param tag eight upper-case hexadecimal digits
 * @param signed whether PixelRepresentation is 1, which decides between SS and US
 */
export function vrOf(tag: string, signed = false): string | undefined {
  const group = Number.parseInt(tag.slice(0, 4), 16);
  if (tag.endsWith('0000')) return 'UL';
  if (group % 2 === 1) {
    const element = Number.parseInt(tag.slice(4), 16);
    return element >= 0x10 && element <= 0xff ? 'LO' : undefined;
  }
  const vr = dictionary[`(${tag.slice(0, 4)},${tag.slice(4)})`]?.vr;
  if (vr === 'xs') return signed ? 'SS' : 'US';
  return vr === undefined ? undefined : (CONTEXT_VRS[vr] ?? vr);
}

/**
 * The tag a client means by a keyword (`PatientName`) or by hexadecimal digits (`00100010`).
 * @returns eight upper-case hexadecimal digits, or undefined where it is neither
 */
export function tagOf(name: string): string | undefined {
  if (/^[0-9a-f]{8}$/i.test(name)) return name.toUpperCase();
  const entry = Object.hasOwn(nameMap, name) ? nameMap[name] : undefined;
  return entry?.tag.replace(/[(),]/g, '').toUpperCase();
}

/** The keyword of a tag (`00100010`: `PatientName`); undefined for a private or unknown one. */
export function keywordOf(tag: string): string | undefined {
  return dictionary[`(${tag.slice(0, 4)},${tag.slice(4)})`]?.name;
}
