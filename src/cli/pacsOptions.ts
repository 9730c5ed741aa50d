import { Command, InvalidArgumentError } from 'commander';
import { dicomwebRoot, searchCondition } from '../dicomweb/address';
import { credentialsFrom, CREDENTIALS } from '../dicomweb/credentials';
import { DicomwebClient } from '../dicomweb/dicomwebClient';
import type { Condition } from '../dicomweb/search';
import type { CliHost } from './host';

/** The PACS that a command works on, as the person named it. */
export interface PacsArguments {
  /** Its DICOMweb root. */
  readonly dicomweb: string;
  readonly query: readonly Condition[];
  /** A file. */
  readonly credentials: string | null;
}

/** Adds the options that name a PACS. */
export function withPacsOptions(command: Command): Command {
  return command
    .option(
      '--dicomweb <url>',
      'DICOMweb root of a PACS, whose CT and MR series are answered',
      address,
    )
    .option(
      '--query <attribute=value>',
      'only what meets this, as QIDO-RS has it: StudyDate=20260101-20260131; again for more',
      condition,
      [],
    )
    .option(
      '--credentials <file>',
      `holds "Bearer TOKEN" or "USER:PASSWORD" for the PACS; without it ${CREDENTIALS} may hold the same`,
    );
}

/** The PACS of a command. */
export function clientOf(
  { dicomweb, credentials }: PacsArguments,
  { env }: CliHost,
): DicomwebClient {
  return new DicomwebClient({
    root: dicomweb,
    credentials: credentialsFrom(credentials, env[CREDENTIALS]),
  });
}

function address(text: string): string {
  return orRefused(() => dicomwebRoot(text));
}

function condition(text: string, before: readonly Condition[]): Condition[] {
  return [...before, orRefused(() => searchCondition(text))];
}

function orRefused<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
