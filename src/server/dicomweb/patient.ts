import type { DicomJsonDataset } from './dicomJson';

const PATIENT_NAME = '00100010';
const PATIENT_ID = '00100020';
const BIRTH_DATE = '00100030';

/** Whether two data sets are of different patients, as far as both say whose they are: by ID, or else by name and birth date. */
export function areDifferentPatients(one: DicomJsonDataset, other: DicomJsonDataset): boolean {
  const differ = (tag: string) => {
    const [a, b] = [one, other].map((dataset) => textOf(dataset, tag));
    return a === '' || b === '' ? null : a !== b;
  };
  return differ(PATIENT_ID) ?? (differ(PATIENT_NAME) === true || differ(BIRTH_DATE) === true);
}

function textOf(dataset: DicomJsonDataset, tag: string): string {
  const value = dataset[tag]?.Value?.[0];
  if (typeof value === 'string') return value.trim();
  if (typeof value !== 'object' || value === null) return '';
  const { Alphabetic } = value;
  // Components at the end may be left out, and programs disagree about case.
  return typeof Alphabetic === 'string' ? Alphabetic.replace(/[\s^]+$/, '').toUpperCase() : '';
}
