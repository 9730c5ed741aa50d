import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { fileMeta, fileStart } from '../../dicom/part10';
import { readBytes, readHeader, servedTransferSyntax } from './dicomHeader';
import type { DicomIndex, IndexedInstance } from './dicomIndex';
import { toDicomJson, type DicomJsonDataset } from './dicomJson';
import { FrameReader, readStretch } from './frames';
import {
  acceptable,
  contentType,
  covers,
  DICOM,
  HttpError,
  instancesAt,
  MULTIPART,
  OCTET_STREAM,
  sendJson,
  sendMultipart,
  urlOf,
  type DicomwebRequest,
} from './http';
import type { ByteStream, Part } from '../../dicomweb/multipart';

const PIXEL_DATA = '7FE00010';
const READERS_KEPT = 8;
/** Bytes that hold a file's meta information. */
const FILE_START = 1024 ** 2;

/** Media types of compressed frames (PS3.18 table 8.7.3-4). */
const FRAME_MEDIA_TYPES: Record<string, string> = {
  '1.2.840.10008.1.2.4.50': 'image/jpeg',
  '1.2.840.10008.1.2.4.51': 'image/jpeg',
  '1.2.840.10008.1.2.4.57': 'image/jpeg',
  '1.2.840.10008.1.2.4.70': 'image/jpeg',
  '1.2.840.10008.1.2.4.80': 'image/jls',
  '1.2.840.10008.1.2.4.81': 'image/jls',
  '1.2.840.10008.1.2.4.90': 'image/jp2',
  '1.2.840.10008.1.2.4.91': 'image/jp2',
  '1.2.840.10008.1.2.4.201': 'image/jphc',
  '1.2.840.10008.1.2.4.202': 'image/jphc',
  '1.2.840.10008.1.2.4.203': 'image/jphc',
  '1.2.840.10008.1.2.5': 'image/dicom-rle',
};

/** The metadata of an instance (PS3.18 10.4.1.1.2): its header, long binary values by address. */
export async function metadataOf(
  request: FastifyRequest,
  instance: IndexedInstance,
): Promise<DicomJsonDataset> {
  const { studyInstanceUID, seriesInstanceUID, sopInstanceUID, transferSyntaxUID } = instance;
  const { dataSet } = await readHeader(instance.path);
  const series = `studies/${studyInstanceUID}/series/${seriesInstanceUID}`;
  const root = urlOf(request)(`${series}/instances/${sopInstanceUID}/bulkdata`);
  const dataset = toDicomJson(dataSet, (path) => `${root}/${path}`);
  dataset['00080018'] = { vr: 'UI', Value: [sopInstanceUID] };
  // Available Transfer Syntax UID
  dataset['00083002'] = { vr: 'UI', Value: [servedTransferSyntax(transferSyntaxUID)] };
  return dataset;
}

/** WADO-RS (PS3.18 10.4): metadata, instances, frames and bulk data. */
export function retrieveRoutes(app: FastifyInstance, index: DicomIndex): void {
  const readers = new Map<string, Promise<FrameReader>>();

  const readerOf = ({ path }: IndexedInstance): Promise<FrameReader> => {
    const reader = readers.get(path) ?? FrameReader.open(path);
    // The one used last goes to the end; the first is the one to forget.
    readers.delete(path);
    readers.set(path, reader);
    reader.catch(() => readers.delete(path));
    if (readers.size > READERS_KEPT) readers.delete(readers.keys().next().value!);
    return reader;
  };

  const answerMetadata = async (request: DicomwebRequest, reply: FastifyReply) => {
    const datasets: DicomJsonDataset[] = [];
    for (const instance of instancesAt(index, request.params)) {
      datasets.push(await metadataOf(request, instance));
    }
    return sendJson(request, reply, datasets);
  };

  const answerFrames = async (
    request: DicomwebRequest<{ frames: string }>,
    reply: FastifyReply,
  ) => {
    const numbers = request.params.frames.split(',').map((text) => {
      if (!/^[1-9]\d*$/.test(text)) throw new HttpError(400, `${text} is no frame number`);
      return Number(text);
    });
    const [instance] = instancesAt(index, request.params);
    return sendFrames(request, reply, instance!, await readerOf(instance!), numbers);
  };

  const answerBulkData = async (request: DicomwebRequest<{ '*': string }>, reply: FastifyReply) => {
    const [instance] = instancesAt(index, request.params);
    const path = request.params['*'];
    if (path !== PIXEL_DATA) return sendBulkData(request, reply, instance!, path);
    const reader = await readerOf(instance!);
    const all = Array.from({ length: reader.count }, (_, at) => at + 1);
    return sendFrames(request, reply, instance!, reader, all);
  };

  const instances = '/studies/:study/series/:series/instances/:instance';
  app.get('/studies/:study/metadata', answerMetadata);
  app.get('/studies/:study/series/:series/metadata', answerMetadata);
  app.get(`${instances}/metadata`, answerMetadata);
  for (const path of ['/studies/:study', '/studies/:study/series/:series', instances]) {
    app.get(path, async (request: DicomwebRequest, reply) =>
      sendInstances(request, reply, instancesAt(index, request.params)),
    );
  }
  app.get(`${instances}/frames/:frames`, answerFrames);
  app.get(`${instances}/bulkdata/*`, answerBulkData);
}

function sendInstances(request: FastifyRequest, reply: FastifyReply, instances: IndexedInstance[]) {
  const range = acceptable(request, (asked) => {
    const syntax = asked.parameters['transfer-syntax'] ?? '*';
    const stored = instances.every(({ transferSyntaxUID }) => transferSyntaxUID === syntax);
    return covers(contentType(asked, DICOM), DICOM) && (syntax === '*' || stored);
  });
  const typeOf = (instance: IndexedInstance) =>
    `${DICOM}; transfer-syntax=${instance.transferSyntaxUID}`;
  const [first] = instances;
  if (range.type === DICOM && instances.length === 1) {
    return fileOf(first!).then(({ length, chunks }) =>
      reply.type(typeOf(first!)).header('Content-Length', length).send(chunks),
    );
  }
  async function* parts(): AsyncGenerator<Part> {
    for (const instance of instances) {
      yield { contentType: typeOf(instance), bytes: await fileOf(instance) };
    }
  }
  return sendMultipart(reply, DICOM, parts());
}

/**
 * The file of an instance, from the disk as it is sent, with the meta information that it should have where it
 * has another or none.
 */
async function fileOf(instance: IndexedInstance): Promise<ByteStream> {
  const { path, transferSyntaxUID, sopClassUID, sopInstanceUID } = instance;
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const start = fileStart(await readBytes(file, 0, Math.min(size, FILE_START)));
    const isRight = start?.hasPreamble && start.transferSyntaxUID === transferSyntaxUID;
    if (!start || isRight) return { length: size, chunks: createReadStream(path) };
    const meta = fileMeta({ transferSyntaxUID, sopClassUID, sopInstanceUID });
    const body = createReadStream(path, { start: start.bodyOffset });
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield meta;
      yield* body;
    }
    const length = meta.length + size - start.bodyOffset;
    return { length, chunks: Readable.from(chunks(), { objectMode: false }) };
  } finally {
    await file.close();
  }
}

/** Frames go out as stored; only the byte order of uncompressed ones may change. */
async function sendFrames(
  request: FastifyRequest,
  reply: FastifyReply,
  { transferSyntaxUID }: IndexedInstance,
  reader: FrameReader,
  numbers: readonly number[],
) {
  const beyond = numbers.find((number) => number > reader.count);
  if (beyond !== undefined) {
    throw new HttpError(404, `there is no frame ${beyond}: the instance has ${reader.count}`);
  }
  if (numbers.length === 0) throw new HttpError(404, 'the instance has no pixel data');
  const syntax = servedTransferSyntax(transferSyntaxUID);
  const compressed = FRAME_MEDIA_TYPES[syntax] ?? OCTET_STREAM;
  const range = acceptable(request, (asked) => {
    const wanted = asked.parameters['transfer-syntax'] ?? '*';
    const type = contentType(asked, OCTET_STREAM);
    const known = covers(type, OCTET_STREAM) || covers(type, compressed);
    return known && (wanted === '*' || wanted === syntax);
  });
  const type = covers(contentType(range, OCTET_STREAM), OCTET_STREAM) ? OCTET_STREAM : compressed;
  const partType = `${type}; transfer-syntax=${syntax}`;
  const singlePart = range.type !== MULTIPART && range.type !== '*/*';
  if (singlePart && numbers.length === 1) {
    return reply.type(partType).send(await reader.read(numbers[0]!));
  }
  async function* parts(): AsyncGenerator<Part> {
    for (const number of numbers) yield { contentType: partType, bytes: await reader.read(number) };
  }
  return sendMultipart(reply, type, parts());
}

/** @param path tags and item numbers, as `toDicomJson` names binary values */
async function sendBulkData(
  request: FastifyRequest,
  reply: FastifyReply,
  instance: IndexedInstance,
  path: string,
) {
  const range = acceptable(request, (asked) =>
    covers(contentType(asked, OCTET_STREAM), OCTET_STREAM),
  );
  const header = await readHeader(instance.path);
  const steps = path.toLowerCase().split('/');
  const tag = steps.pop();
  let dataSet: typeof header.dataSet | undefined = header.dataSet;
  while (steps.length > 0) {
    const [sequence, item] = steps.splice(0, 2);
    dataSet = dataSet?.items(`x${sequence}`)[Number(item) - 1];
  }
  const element = dataSet?.element(`x${tag}`);
  if (!element || element.items) throw new HttpError(404, `the instance has no value ${path}`);
  const bytes = await readStretch(instance.path, header, element.dataOffset, element.length);
  if (range.type !== MULTIPART) return reply.type(OCTET_STREAM).send(bytes);
  async function* parts(): AsyncGenerator<Part> {
    yield { contentType: OCTET_STREAM, bytes };
  }
  return sendMultipart(reply, OCTET_STREAM, parts());
}
