import replyFrom from '@fastify/reply-from';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { bounded, BodyError } from './bounded';
import type { RequestLimits } from './requestLimits';
import { StartError } from './startError';

const ANSWER_WITHIN_MS = 10_000;
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
/** What DICOMweb answers with (PS3.18 8.7.3); anything else, a login page above all, is none of its answers. */
const TYPES = new Set([
  ...['application/dicom', 'application/dicom+json', 'application/dicom+xml', 'application/json'],
  ...['application/octet-stream', 'application/zip', 'application/pdf', 'multipart/related'],
  ...['image/jpeg', 'image/gif', 'image/png', 'image/jp2', 'image/jpx', 'image/jphc', 'image/jxl'],
  ...['image/jls', 'image/x-jls', 'image/dicom-rle', 'image/x-dicom-rle'],
  ...['video/mpeg', 'video/mp4', 'video/mpeg2', 'video/h265', 'text/plain'],
]);

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
function resourceAt(root: string, path: string): URL | null {
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

/** Storing is the only thing that is sent to a PACS: `studies`, `studies/UID` (PS3.18 10.5). */
const isStore = (path: string) => /^studies(\/[\d.]+)?\/?$/.test(path);

/** Passes DICOMweb requests below the plugin's prefix on to a PACS, and nothing else. */
export async function pacsProxy(
  app: FastifyInstance,
  { root, authorization, limits }: Pacs & { readonly limits: RequestLimits },
): Promise<void> {
  const { origin, host } = new URL(root);
  const { clientSilentMs, pacsSilentMs } = limits;
  await app.register(replyFrom, {
    base: origin,
    disableRequestLogging: true,
    undici: { headersTimeout: pacsSilentMs, bodyTimeout: pacsSilentMs },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => {
    const body = bounded(payload as Readable, { bytes: Infinity, silentMs: clientSilentMs });
    done(null, Readable.from(body, { objectMode: false }));
  });
  app.route<{ Params: { '*': string } }>({
    method: ['GET', 'POST'],
    url: '/*',
    handler: (request, reply) => {
      const path = request.url.slice(app.prefix.length + 1);
      const address = resourceAt(root, path);
      if (!address) return reply.code(404).send({ message: 'no DICOMweb resource' });
      if (request.method === 'POST' && !isStore(path)) {
        return reply.code(405).send({ message: 'nothing but a store request is sent to the PACS' });
      }
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
          const refusal = refusalOf(root, statusCode, answer.getHeader('content-type'));
          if (refusal === null) return answer.send(stream);
          stream.destroy();
          for (const name of ANSWERED) answer.removeHeader(name);
          answer.code(refusal.status).send({ message: refusal.message });
        },
        onError: (answer, { error }) => {
          const { status, message } = failureOf(root, limits, error);
          // What is left of a body would be taken for the next request.
          answer.code(status).header('Connection', 'close').send({ message });
        },
      });
    },
  });
}

/** What the page gets in place of an answer that is none of DICOMweb's; null: the answer itself. */
function refusalOf(root: string, status: number, type: unknown) {
  const isKnown = type === undefined || TYPES.has(String(type).split(';')[0].trim().toLowerCase());
  const isElsewhere = status >= 300 && status < 400 && status !== 304;
  if (isKnown && !isElsewhere) return null;
  if (status >= 400) return { status, message: `the PACS at ${root} refuses (HTTP ${status})` };
  const what = isElsewhere ? 'sends elsewhere' : `gives ${String(type)}`;
  const message = `the PACS at ${root} ${what} where DICOM is expected: its session may have ended`;
  return { status: 502, message };
}

/** What the page gets where the PACS gave no answer. */
function failureOf(
  root: string,
  { pacsSilentMs }: RequestLimits,
  failure: Error & { readonly statusCode?: number },
) {
  // The client's own body was at fault.
  if (failure.cause instanceof BodyError) {
    return { status: failure.cause.statusCode, message: failure.cause.message };
  }
  if (failure.statusCode === 504) {
    const message = `the PACS at ${root} has not answered for ${pacsSilentMs / 1000} s`;
    return { status: 504, message };
  }
  return { status: 502, message: `the PACS at ${root} does not answer` };
}
