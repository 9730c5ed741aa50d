import dcmjs from 'dcmjs';
import { Command, InvalidArgumentError } from 'commander';
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

/** How a search is made, which is not a person's to say. */
const RESERVED = ['limit', 'offset', 'includefield'];

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
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new InvalidArgumentError(
      'Give the DICOMweb root of the PACS, such as http://localhost:8042/dicom-web.',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new InvalidArgumentError(
      `A password does not belong on a command line: put USER:PASSWORD into a file (--credentials) or into ${CREDENTIALS}.`,
    );
  }
  return text;
}

function condition(text: string, before: readonly Condition[]): Condition[] {
  const [, attribute, value] = /^(\w+)=(.+)$/s.exec(text) ?? [];
  const isTag = /^[0-9a-f]{8}$/i.test(attribute ?? '');
  const isKnown = isTag || Object.hasOwn(dcmjs.data.DicomMetaDictionary.nameMap, attribute ?? '');
  if (attribute === undefined || value === undefined || RESERVED.includes(attribute)) {
    throw new InvalidArgumentError('Give ATTRIBUTE=VALUE, as in StudyDate=20260101-20260131.');
  }
  // A PACS would pass over what it does not know, and list everything.
  if (!isKnown) throw new InvalidArgumentError(`${attribute} is no attribute of DICOM.`);
  return [...before, [isTag ? attribute.toUpperCase() : attribute, value]];
}
