import { dicomwebRoot, searchCondition } from '../../../src/dicomweb/address';
import { CREDENTIALS, credentialsFrom } from '../../../src/dicomweb/credentials';
import { DicomwebClient } from '../../../src/dicomweb/dicomwebClient';
import { DicomwebError } from '../../../src/dicomweb/dicomwebError';
import type { Condition } from '../../../src/dicomweb/search';

/** A PACS as it is named on the command line: its DICOMweb root, and conditions of studies and series as its query. */
export interface PacsAddress {
  readonly root: string;
  readonly conditions: readonly Condition[];
}

/** @throws Error saying what to give instead */
export function pacsAddress(text: string): PacsAddress {
  const [root = '', ...query] = text.split('?');
  const conditions = [...new URLSearchParams(query.join('?'))];
  return {
    root: dicomwebRoot(root),
    conditions: conditions.map(([attribute, value]) => searchCondition(`${attribute}=${value}`)),
  };
}

/**
 * @param credentials a file; without it the environment may hold them
 * @param waitsMs how long to wait before asking again, ms, one number an attempt more
 */
export function clientOf(
  root: string,
  credentials: string | undefined,
  waitsMs: readonly number[] | undefined,
): DicomwebClient {
  return new DicomwebClient({
    ...{ root, waitsMs },
    credentials: credentialsFrom(credentials ?? null, process.env[CREDENTIALS]),
  });
}

/** What a PACS did not do, with what to do about it, in one text. */
export function saying(error: unknown): Error {
  if (!(error instanceof DicomwebError)) return error as Error;
  return new Error(`${error.message}. ${error.advice}`, { cause: error });
}
