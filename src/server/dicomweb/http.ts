import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DicomIndex, IndexedInstance } from './dicomIndex';
import type { DicomJsonDataset } from './dicomJson';
import { mediaTypes, multipartRelated, type MediaType, type Part } from '../../dicomweb/multipart';
import type { SearchQuery } from './search';

export const DICOM_JSON = 'application/dicom+json';
export const OCTET_STREAM = 'application/octet-stream';
export const DICOM = 'application/dicom';
export const MULTIPART = 'multipart/related';

/** UIDs in the path of a request. */
export interface Uids {
  study?: string;
  series?: string;
  instance?: string;
}
export type DicomwebRequest<More = object> = FastifyRequest<{
  Params: Uids & More;
  Querystring: SearchQuery;
}>;

/** An answer other than success, with a sentence for the person who reads it. */
export class HttpError extends Error {
  constructor(
    readonly statusCode: 400 | 404 | 406 | 415 | 503,
    message: string,
  ) {
    super(message);
  }
}

/** The absolute address of a path below the service's root, as this client reaches it. */
export function urlOf(request: FastifyRequest): (path: string) => string {
  const root = `${request.protocol}://${request.host}${request.server.prefix}`;
  return (path) => `${root}/${path}`;
}

/**
 * The instances that a path names.
 * @throws HttpError 404 where there is none
 */
export function instancesAt(index: DicomIndex, uids: Uids): IndexedInstance[] {
  const { study, series, instance } = uids;
  const inStudy = [...(index.studies.get(study ?? '')?.series.values() ?? [])];
  const found = inStudy
    .filter(({ seriesInstanceUID }) => series === undefined || seriesInstanceUID === series)
    .flatMap(({ instances }) => [...instances.values()])
    .filter(({ sopInstanceUID }) => instance === undefined || sopInstanceUID === instance);
  if (found.length === 0) {
    const level = instance ? 'instance' : series ? 'series' : 'study';
    throw new HttpError(404, `there is no such ${level} here`);
  }
  return found;
}

/**
 * The first media range of the request's Accept header that can be served.
 * @throws HttpError 406 where there is none
 */
export function acceptable(
  request: FastifyRequest,
  canServe: (range: MediaType) => boolean,
): MediaType {
  const { accept = request.headers.accept } = request.query as SearchQuery;
  const ranges = mediaTypes([accept ?? '*/*'].flat().join(','));
  const range = ranges.find(canServe);
  if (!range) throw new HttpError(406, `this server cannot answer as ${accept}`);
  return range;
}

/** The media type of the content itself: of the parts, for multipart/related. */
export function contentType({ type, parameters }: MediaType, whenUnsaid: string): string {
  return type === MULTIPART ? (parameters.type ?? whenUnsaid) : type;
}

/** Whether a media range such as `image/*` takes in a media type. */
export function covers(range: string, type: string): boolean {
  return range === '*/*' || range === type || range === `${type.split('/')[0]}/*`;
}

export function sendMultipart(
  reply: FastifyReply,
  type: string,
  parts: AsyncIterable<Part>,
): FastifyReply {
  const { contentType, body } = multipartRelated(type, parts);
  return reply.type(contentType).send(body);
}

/** Sends the DICOM JSON model, unless XML is insisted on: clients ask for metadata as for images. */
export function sendJson(
  request: FastifyRequest,
  reply: FastifyReply,
  datasets: DicomJsonDataset[],
): FastifyReply {
  acceptable(request, (range) => !/xml/.test(contentType(range, DICOM_JSON)));
  return reply.type(DICOM_JSON).send(JSON.stringify(datasets));
}
