import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import type { Readable } from 'node:stream';
import { bounded, BodyError, tooLong } from '../bounded';
import { REQUEST_LIMITS, type RequestLimits } from '../requestLimits';
import type { InstanceStore } from '../store/instanceStore';
import { DicomFileError } from './dicomHeader';
import type { DicomIndex } from './dicomIndex';
import {
  DICOM,
  DICOM_JSON,
  HttpError,
  MULTIPART,
  sendJson,
  urlOf,
  type DicomwebRequest,
} from './http';
import { mediaTypes } from '../../dicomweb/multipart';
import { MultipartError, partsOf } from '../../dicomweb/multipartMessage';
import { metadataOf, retrieveRoutes } from './retrieve';
import { search, SearchError, type SearchLevel } from './search';
import { storeAnswer } from './storeAnswer';

/** What the service serves: an index of files, and the store that adds to it. */
export interface DicomwebContent {
  index: DicomIndex;
  /** Null: nothing can be stored. */
  store: InstanceStore | null;
  limits?: RequestLimits;
}

/**
 * The DICOMweb service (PS3.18): QIDO-RS, WADO-RS and STOW-RS over an index of files.
 * A fastify plugin; its prefix is the root of the service.
 */
export async function dicomwebService(
  app: FastifyInstance,
  { index, store, limits = REQUEST_LIMITS }: DicomwebContent,
): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, body, done) => done(null, body));
  app.setErrorHandler(sendError);
  searchRoutes(app, index);
  retrieveRoutes(app, index);
  storeRoutes(app, store, limits);
}

function searchRoutes(app: FastifyInstance, index: DicomIndex): void {
  const answer =
    (level: SearchLevel) =>
    async (request: DicomwebRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const { study, series } = request.params;
      const scope = { level, studyInstanceUID: study, seriesInstanceUID: series };
      const found = await search(index, scope, request.query, urlOf(request), (instance) =>
        metadataOf(request, instance),
      );
      if (request.query.fuzzymatching === 'true') {
        reply.header(
          'Warning',
          '299 find-l3 "Fuzzy matching is not supported, exact matching is."',
        );
      }
      return sendJson(request, reply, found);
    };
  app.get('/studies', answer('study'));
  app.get('/series', answer('series'));
  app.get('/instances', answer('instance'));
  app.get('/studies/:study/series', answer('series'));
  app.get('/studies/:study/instances', answer('instance'));
  app.get('/studies/:study/series/:series/instances', answer('instance'));
}

function storeRoutes(
  app: FastifyInstance,
  store: InstanceStore | null,
  limits: RequestLimits,
): void {
  const { uploadBytes: bytes, uploadParts, clientSilentMs: silentMs } = limits;
  const answer = async (request: DicomwebRequest, reply: FastifyReply) => {
    const [content] = mediaTypes(request.headers['content-type'] ?? '');
    if (content?.type !== MULTIPART || (content.parameters.type ?? DICOM) !== DICOM) {
      throw new HttpError(415, `send instances as ${MULTIPART}; type="${DICOM}"`);
    }
    const { boundary } = content.parameters;
    if (!boundary) throw new HttpError(400, 'the content type names no boundary');
    if (Number(request.headers['content-length'] ?? 0) > bytes) throw tooLong(bytes);
    if (!store) throw new HttpError(503, 'this server keeps nothing');
    const obstacle = await store.open();
    if (obstacle !== null) throw new HttpError(503, obstacle);
    const message = bounded(request.body as Readable, { bytes, silentMs });
    const { study } = request.params;
    const outcomes = await store.store(partsOf(message, boundary), { parts: uploadParts, study });
    if (outcomes.length === 0) throw new HttpError(400, 'the body holds no instance');
    const { status, dataset } = storeAnswer(outcomes, urlOf(request));
    return reply.code(status).type(DICOM_JSON).send(JSON.stringify(dataset));
  };
  app.post('/studies', answer);
  app.post('/studies/:study', answer);
}

function sendError(error: FastifyError, _request: unknown, reply: FastifyReply): FastifyReply {
  const { code, message } = error as NodeJS.ErrnoException;
  // The rest of a body that is not read would be taken for the next request.
  if (error instanceof BodyError || error instanceof MultipartError)
    reply.header('Connection', 'close');
  if (error instanceof SearchError) return reply.code(400).send({ message });
  if (error instanceof DicomFileError) {
    return reply.code(500).send({ message: `the instance's file ${message}` });
  }
  if (code === 'ENOENT') return reply.code(404).send({ message: "the instance's file is gone" });
  return reply.code(error.statusCode ?? 500).send({ message });
}
