import replyFrom from '@fastify/reply-from';
import type { FastifyInstance } from 'fastify';
import { StartError } from './startError';

const ANSWER_WITHIN_MS = 10_000;
const RESOURCES = /^(studies|series|instances|bulkdata)(\/|\?|$)/;
const SECRET_HEADERS = ['cookie', 'origin', 'referer'];

/** Where a PACS answers, and as whom it is asked. */
export interface Pacs {
  /** Its DICOMweb root, without user, password and slash at the end. */
  root: string;
  /** The Authorization header, where the address named a user. */
  authorization: string | undefined;
}

/**
 * Reads the address of a PACS.
 * @throws StartError where it is none
 */
export function pacsAddress(text: string): Pacs {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new StartError(
      `--dicomweb ${text} is not an address: give the DICOMweb root of the PACS, such as http://localhost:8042/dicom-web`,
    );
  }
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    root: url.origin + url.pathname.replace(/\/+$/, ''),
    authorization: url.username ? `Basic ${Buffer.from(user).toString('base64')}` : undefined,
  };
}

/**
 * Asks the PACS for a study, so that a wrong address shows at once.
 * @throws StartError where it does not answer as a DICOMweb service does
 */
export async function checkPacs({ root, authorization }: Pacs): Promise<void> {
  const headers = {
    Accept: 'application/dicom+json',
    ...(authorization ? { Authorization: authorization } : {}),
  };
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const response = await fetch(`${root}/studies?limit=1`, { headers, signal }).catch(
    (failure: Error & { cause?: NodeJS.ErrnoException }) => {
      const why = failure.cause?.code ?? failure.cause?.message ?? failure.message;
      throw new StartError(`The PACS at ${root} cannot be reached (${why}): is it running?`);
    },
  );
  if (response.status === 401 || response.status === 403) {
    throw new StartError(
      `The PACS at ${root} asks for a user (${response.status}): put one into the address, as in http://USER:PASSWORD@HOST/dicom-web`,
    );
  }
  const studies: unknown = response.status === 204 ? [] : await response.json().catch(() => null);
  if (!response.ok || !Array.isArray(studies)) {
    throw new StartError(
      `The server at ${root} does not answer as a DICOMweb service (HTTP ${response.status}): give its DICOMweb root; Orthanc's ends in /dicom-web`,
    );
  }
}

/** Passes DICOMweb requests below the plugin's prefix on to a PACS, and nothing else. */
export async function pacsProxy(
  app: FastifyInstance,
  { root, authorization }: Pacs,
): Promise<void> {
  const { origin, host, pathname } = new URL(root);
  await app.register(replyFrom, { base: origin, disableRequestLogging: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.route<{ Params: { '*': string } }>({
    method: ['GET', 'POST'],
    url: '/*',
    handler: (request, reply) => {
      const path = request.url.slice(app.prefix.length + 1);
      if (!RESOURCES.test(path)) return reply.code(404).send({ message: 'no DICOMweb resource' });
      return reply.from(`${pathname.replace(/\/$/, '')}/${path}`, {
        rewriteRequestHeaders: (_request, headers) => {
          const kept = Object.entries(headers).filter(([name]) => !SECRET_HEADERS.includes(name));
          return {
            ...Object.fromEntries(kept),
            host,
            ...(authorization ? { authorization } : {}),
          };
        },
        onError: (answer) => {
          answer.code(502).send({ message: `the PACS at ${root} does not answer` });
        },
      });
    },
  });
}
