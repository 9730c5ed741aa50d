import type { Dataset } from './types';

/**
 * Values of a naturalised data set. What dcmjs makes of a file, of DICOM JSON and of the viewer's own
 * objects differs in details: one value or a list of one, numbers or decimal strings, names as text
 * or as component groups.
 */
function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? (value as unknown[])[0] : value;
}

/** The text of an attribute without the padding of a file; '' where there is none. */
export function textOf(value: unknown): string {
  const first = firstOf(value);
  if (typeof first === 'number') return String(first);
  return typeof first === 'string' ? first.trimEnd() : '';
}

/** A person's name as one text with its component groups (PS3.5 6.2.1.1); '' where there is none. */
export function personNameText(value: unknown): string {
  const first = firstOf(value);
  if (first === null || typeof first !== 'object') return textOf(first);
  const { Alphabetic, Ideographic, Phonetic } = first as Record<string, unknown>;
  const groups = [Alphabetic, Ideographic, Phonetic].map(textOf).join('=');
  if (groups !== '==') return groups.replace(/=+$/, '');
  // dcmjs' own String objects carry the groups as getters that do not enumerate.
  return first instanceof String ? first.toString() : '';
}

/** A finite number, or null. */
export function numberOf(value: unknown): number | null {
  const first = firstOf(value);
  if (typeof first !== 'number' && (typeof first !== 'string' || first.trim() === '')) return null;
  const number = Number(first);
  return Number.isFinite(number) ? number : null;
}

/** All numbers of an attribute; null when one of them is none. */
export function numbersOf(value: unknown): readonly number[] | null {
  const isList = ArrayBuffer.isView(value) || Array.isArray(value);
  // From, not map: a list with holes has values that are none.
  const numbers = Array.from(isList ? (value as ArrayLike<unknown>) : [value], numberOf);
  return numbers.every((number) => number !== null) ? numbers : null;
}

/** The items of a sequence; none where there is none. */
export function itemsOf(value: unknown): readonly Dataset[] {
  const items = Array.isArray(value) ? (value as unknown[]) : [value];
  return items.filter((item): item is Dataset => typeof item === 'object' && item !== null);
}
