import replyFrom from '@fastify/reply-from';
import type { FastifyInstance } from 'fastify';
import { StartError } from './startError';

const ANSWER_WITHIN_MS = 10_000;
const RESOURCES = /^(studies|series|instances|bulkdata)(\/|\?|$)/;
const SECRET_HEADERS = ['cookie', 'origin', 'referer'];

/**
 * Reads the address of a PACS.
 * @throws StartError where it is none
 */
export function pacsAddress(text: string): { root: URL; authorization: string | undefined } {
  const root = URL.canParse(text) ? new URL(text) : null;
  if (!root || !/^https?:$/.test(root.protocol)) {
    throw new StartError(
      `--dicomweb ${text} is not an address: give the DICOMweb root of the PACS, such as http://localhost:8042/dicom-web`,
    );
  }
  const { username, password } = root;
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = username ? `Basic ${Buffer.from(user).toString('base64')}` : undefined;
  root.username = root.password = root.search = root.hash = '';
  root.pathname = root.pathname.replace(/\/+$/, '');
  return { root, authorization };
}

/**
 * Asks the PACS for one study, so that a wrong address shows at once.
 * @returns how many of at most 100 studies it names
 * @throws StartError where it does not answer as a DICOMweb service does
 */
export async function checkPacs(root: URL, authorization?: string): Promise<number> {
  const headers = {
    Accept: 'application/dicom+json',
    ...(authorization ? { Authorization: authorization } : {}),
  };
  const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const response = await fetch(`${root}/studies?limit=100`, { headers, signal }).catch(
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
  return studies.length;
}

/** Passes DICOMweb requests below the plugin's prefix on to a PACS, and nothing else. */
export async function pacsProxy(
  app: FastifyInstance,
  { root, authorization }: { root: URL; authorization: string | undefined },
): Promise<void> {
  await app.register(replyFrom, { base: root.origin, disableRequestLogging: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.route<{ Params: { '*': string } }>({
    method: ['GET', 'POST'],
    url: '/*',
    handler: (request, reply) => {
      const path = request.url.slice(app.prefix.length + 1);
      if (!RESOURCES.test(path)) return reply.code(404).send({ message: 'no DICOMweb resource' });
      return reply.from(`${root.pathname.replace(/\/$/, '')}/${path}`, {
        rewriteRequestHeaders: (_request, headers) => {
          const kept = Object.entries(headers).filter(([name]) => !SECRET_HEADERS.includes(name));
          return {
            ...Object.fromEntries(kept),
            host: root.host,
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
