import replyFrom from '@fastify/reply-from';
import type { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { StartError } from './startError';

const ANSWER_WITHIN_MS = 10_000;
const SILENT_FOR_MS = 120_000;
/** What a DICOMweb address begins with (PS3.18). */
const RESOURCES = ['studies', 'series', 'instances', 'bulkdata'];
/** A step of a DICOMweb path: a UID, a name, a list of frames, an attribute. */
const STEP = /^[\w.,:~-]+$/;
/** Of requests, what the PACS is told, and of answers, what the browser is. */
const ASKED = [
  ...['accept', 'accept-encoding', 'accept-language', 'authorization', 'content-length'],
  ...['content-type', 'if-modified-since', 'if-none-match', 'range', 'transfer-encoding'],
];
const ANSWERED = [
  ...['accept-ranges', 'content-encoding', 'content-length', 'content-location', 'content-range'],
  ...['content-type', 'etag', 'last-modified', 'retry-after', 'transfer-encoding', 'warning'],
];
/** What DICOMweb answers with; anything else, a login page above all, is none of its answers. */
const TYPES =
  /^(application\/(dicom|json|octet-stream|xml|zip)|multipart\/|image\/|video\/|text\/plain)/i;

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

/**
 * The address of a DICOMweb resource at a PACS, made anew from checked steps: nothing of the request's path but
 * names and UIDs reaches it.
 *
 * @param path of the request, from below the service's root on, with its query
 * @returns null where it is no DICOMweb resource, or would leave the root
 */
export function resourceAt(root: string, path: string): URL | null {
  const [, given, query] = /^([^?#]*)(\?[^#]*)?$/.exec(path) ?? [];
  if (given === undefined) return null;
  const steps = given.replace(/\/$/, '').split('/').map(decoded);
  if (!RESOURCES.includes(steps[0]) || !steps.every(isStep)) return null;
  const address = new URL(`${root}/${steps.join('/')}${query ?? ''}`);
  const { origin, pathname } = new URL(root);
  const below = `${pathname.replace(/\/$/, '')}/${steps.join('/')}`;
  return address.origin === origin && address.pathname === below ? address : null;
}

const isStep = (step: string) => STEP.test(step) && !/^\.+$/.test(step);

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return '';
  }
}

const only = <Value>(names: readonly string[], headers: Readonly<Record<string, Value>>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)));

/** Passes DICOMweb requests below the plugin's prefix on to a PACS, and nothing else. */
export async function pacsProxy(
  app: FastifyInstance,
  { root, authorization }: Pacs,
): Promise<void> {
  const { origin, host } = new URL(root);
  const limits = { headersTimeout: SILENT_FOR_MS, bodyTimeout: SILENT_FOR_MS };
  await app.register(replyFrom, { base: origin, disableRequestLogging: true, undici: limits });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.route<{ Params: { '*': string } }>({
    method: ['GET', 'POST'],
    url: '/*',
    handler: (request, reply) => {
      const path = request.url.slice(app.prefix.length + 1);
      const address = resourceAt(root, path);
      if (!address) return reply.code(404).send({ message: 'no DICOMweb resource' });
      return reply.from(address.pathname, {
        queryString: () => address.search.slice(1),
        rewriteRequestHeaders: (_request, headers) => ({
          ...only(ASKED, headers),
          host,
          ...(authorization ? { authorization } : {}),
        }),
        rewriteHeaders: (headers) => only(ANSWERED, headers),
        onResponse: (_request, answer, response) => {
          const { stream, statusCode } = response as unknown as {
            readonly stream: Readable;
            readonly statusCode: number;
          };
          const type = answer.getHeader('content-type');
          const isDicomweb = type === undefined || TYPES.test(String(type));
          if (isDicomweb && !(statusCode >= 300 && statusCode < 400 && statusCode !== 304)) {
            return answer.send(stream);
          }
          stream.destroy();
          for (const name of ANSWERED) answer.removeHeader(name);
          const what = isDicomweb ? 'sends elsewhere' : `gives ${String(type)}`;
          answer.code(502).send({
            message: `the PACS at ${root} ${what} where DICOM is expected: its session may have ended`,
          });
        },
        onError: (answer, { error }) => {
          const isLate = (error as { statusCode?: number }).statusCode === 504;
          const message = isLate
            ? `the PACS at ${root} has not answered for ${SILENT_FOR_MS / 1000} s`
            : `the PACS at ${root} does not answer`;
          answer.code(isLate ? 504 : 502).send({ message });
        },
      });
    },
  });
}
