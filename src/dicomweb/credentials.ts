import { readFile } from 'node:fs/promises';
import { DicomwebError } from './dicomwebError';

/** Gives the Authorization header of the next request; null where the PACS asks for none. */
export type Credentials = () => Promise<string | null>;

/** The environment variable that may hold them. */
export const CREDENTIALS = 'FIND_L3_CREDENTIALS';

const FORM = 'give one line, "Bearer TOKEN" or "USER:PASSWORD"';

/**
 * Credentials from a file, or from a text (of the environment variable) where there is none. The file is read
 * for every request, so that a token that is renewed there is used.
 *
 * @returns what throws DicomwebError where the file cannot be read, or does not hold one line `Bearer TOKEN` or
 *   `USER:PASSWORD`; neither is ever part of a message.
 */
export function credentialsFrom(file: string | null, text: string | undefined): Credentials {
  if (file === null) {
    return async () => (text ? headerOf(text, CREDENTIALS) : null);
  }
  return async () => {
    const content = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      const message = `${file}: the credentials cannot be read (${cause.code})`;
      throw new DicomwebError('login', message, `In that file ${FORM}.`, { cause });
    });
    return headerOf(content, file);
  };
}

function headerOf(text: string, where: string): string {
  const line = text.trim();
  const token = /^Bearer +([\x21-\x7e]+)$/i.exec(line)?.[1];
  if (token) return `Bearer ${token}`;
  if (/^[^:\r\n]+:[^\r\n]*$/.test(line)) return `Basic ${Buffer.from(line).toString('base64')}`;
  throw new DicomwebError('login', `${where}: these are no credentials`, `There ${FORM}.`);
}
