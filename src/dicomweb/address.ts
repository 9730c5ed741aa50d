import dcmjs from 'dcmjs';
import { CREDENTIALS } from './credentials';
import type { Condition } from './search';

/** How a search is made, which is not a person's to say. */
const RESERVED = ['limit', 'offset', 'includefield'];

/**
 * The DICOMweb root that a person gave.
 *
 * @throws Error saying what to give instead: no address, one with more than a root, or with a password
 */
export function dicomwebRoot(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new Error('Give the DICOMweb root of the PACS, such as http://localhost:8042/dicom-web.');
  }
  if (url.username !== '' || url.password !== '') {
    throw new Error(
      `A password does not belong on a command line: put USER:PASSWORD into a file (--credentials) or into ${CREDENTIALS}.`,
    );
  }
  return text;
}

/**
 * A condition of a search that a person gave.
 *
 * @param text ATTRIBUTE=VALUE, the attribute as keyword or tag
 * @throws Error where it is none, or DICOM has no such attribute: a PACS would pass over it and list everything
 */
export function searchCondition(text: string): Condition {
  const [, attribute, value] = /^(\w+)=(.+)$/s.exec(text) ?? [];
  const isTag = /^[0-9a-f]{8}$/i.test(attribute ?? '');
  const isKnown = isTag || Object.hasOwn(dcmjs.data.DicomMetaDictionary.nameMap, attribute ?? '');
  if (attribute === undefined || value === undefined || RESERVED.includes(attribute)) {
    throw new Error('Give ATTRIBUTE=VALUE, as in StudyDate=20260101-20260131.');
  }
  if (!isKnown) throw new Error(`${attribute} is no attribute of DICOM.`);
  return [isTag ? attribute.toUpperCase() : attribute, value];
}
