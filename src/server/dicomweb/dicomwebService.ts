import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
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
import { mediaTypes, partsOf } from './multipart';
import { metadataOf, retrieveRoutes } from './retrieve';
import { search, SearchError, type SearchLevel } from './search';
import { storeAnswer, type InstanceStore, type StoreOutcome } from './store';

/** Bytes of one store request, which is held in memory. */
const LARGEST_STORE = 1024 ** 3;

/** What the service serves: an index of files, and the store that adds to it. */
export interface DicomwebContent {
  index: DicomIndex;
  store: InstanceStore;
}

/**
 * The DICOMweb service (PS3.18): QIDO-RS, WADO-RS and STOW-RS over an index of files.
 * A fastify plugin; its prefix is the root of the service.
 */
export async function dicomwebService(
  app: FastifyInstance,
  { index, store }: DicomwebContent,
): Promise<void> {
  app.removeAllContentTypeParsers();
  const options = { parseAs: 'buffer', bodyLimit: LARGEST_STORE } as const;
  app.addContentTypeParser('*', options, async (_request: unknown, body: Buffer) => body);
  app.setErrorHandler(sendError);
  searchRoutes(app, index);
  retrieveRoutes(app, index);
  storeRoutes(app, store);
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

function storeRoutes(app: FastifyInstance, store: InstanceStore): void {
  const answer = async (request: DicomwebRequest, reply: FastifyReply) => {
    const [content] = mediaTypes(request.headers['content-type'] ?? '');
    if (content?.type !== MULTIPART || (content.parameters.type ?? DICOM) !== DICOM) {
      throw new HttpError(415, `send instances as ${MULTIPART}; type="${DICOM}"`);
    }
    const { boundary } = content.parameters;
    if (!boundary) throw new HttpError(400, 'the content type names no boundary');
    const outcomes: StoreOutcome[] = [];
    for (const bytes of messageParts(request.body as Buffer, boundary)) {
      outcomes.push(await store.store(bytes, request.params.study));
    }
    if (outcomes.length === 0) throw new HttpError(400, 'the body holds no instance');
    const { status, dataset } = storeAnswer(outcomes, urlOf(request));
    return reply.code(status).type(DICOM_JSON).send(JSON.stringify(dataset));
  };
  app.post('/studies', answer);
  app.post('/studies/:study', answer);
}

function messageParts(message: Buffer, boundary: string): Buffer[] {
  try {
    return partsOf(message, boundary);
  } catch (failure) {
    throw new HttpError(400, `the body is no multipart message: ${(failure as Error).message}`);
  }
}

function sendError(error: FastifyError, _request: unknown, reply: FastifyReply): FastifyReply {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof SearchError) return reply.code(400).send({ message });
  if (error instanceof DicomFileError) {
    return reply.code(500).send({ message: `the instance's file ${message}` });
  }
  if (code === 'ENOENT') return reply.code(404).send({ message: "the instance's file is gone" });
  return reply.code(error.statusCode ?? 500).send({ message });
}
