import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyInstance } from 'fastify';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { appConfigScript } from './appConfig';
import { DicomIndex, type ScanReport } from './dicomweb/dicomIndex';
import { dicomwebService } from './dicomweb/dicomwebService';
import { REQUEST_LIMITS, type RequestLimits } from './requestLimits';
import { serveNiftiFiles, type ServedNifti } from './niftiFiles';
import { checkPacs, pacsAddress, pacsProxy } from './pacsProxy';
import { RELEASE } from '../release/release';
import { addSecurityHeaders, refuseForeignRequests } from './securityHeaders';
import { StartError } from './startError';
import type { FormerFiles } from './store/formerStore';
import { InstanceStore } from './store/instanceStore';
import { pagePolicy, workerPolicy } from '../../deploy/csp.mjs';
import viewer from '../../scripts/viewer.json';

const PLUGIN_PATH = '/plugins/find-l3/';
const HASHED_NAME = /\.[0-9a-f]{16,}\.(js|css)$|\/[0-9a-f]{16}\.(wasm|woff2)$/;
/** What mime-db does not know; OHIF and browsers want these as plain bytes. */
const BINARY_NAME = /\.(onnx|ort|bin|data)$/;

/** How to serve the viewer. Paths are absolute or relative to the current directory. */
export interface ServerOptions {
  /** Port to listen on; 0 takes a free one. Default 3000. */
  port?: number;
  /** Address to listen on. Default 127.0.0.1, which only this machine reaches. */
  host?: string;
  /** Folders (searched in depth) or single files with DICOM to put on the worklist. */
  folders?: readonly string[];
  /** NIfTI files to serve beside them. */
  nifti?: readonly string[];
  /** The DICOMweb root of a PACS to show instead of folders. */
  dicomweb?: string;
  /** The built extension, with index.js in it; null serves the viewer without. Default: where the build puts it. */
  pluginDir?: string | null;
  /** The stock viewer's folder, with index.html in it. Default: where `ensureViewer` puts it. */
  viewerDir?: string;
  /** The folder that keeps what the viewer sends; without one, nothing can be saved. */
  storeDir?: string;
  /** Where 0.3.0 kept that: its files are moved to `storeDir`. */
  formerStoreDir?: string;
  limits?: Partial<RequestLimits>;
}

/** What a server found where it keeps what the viewer sends. */
export interface RunningStore {
  folder: string;
  /** Why nothing can be saved there for now, in words, or null. */
  obstacle: string | null;
  /** What became of the files of an earlier release. */
  former: FormerFiles;
}

/** A server that is listening. */
export interface RunningServer {
  /** Its address, without a slash at the end. */
  url: string;
  /** The instances of its folders; null when it shows a PACS. */
  index: DicomIndex | null;
  /** What reading each of the folders gave, in their order. */
  scans: { folder: string; report: ScanReport }[];
  /** Where what the viewer sends is kept; null where nothing is. */
  store: RunningStore | null;
  /** Its NIfTI files and how to show them. */
  nifti: readonly ServedNifti[];
  /** Stops it; connections that are open are cut. */
  close: () => Promise<void>;
}

/**
 * Serves the stock viewer with the extension and a DICOMweb service, all on one origin.
 * @throws StartError where a port is taken, a folder or file is empty or unreadable, or a PACS unreachable
 */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const { port = 3000, host = '127.0.0.1', folders = [] } = options;
  const viewerDir = resolve(options.viewerDir ?? `.cache/ohif/${viewer.version}/dist`);
  const pluginDir = findPlugin(options.pluginDir);
  await checkPort(port, host);

  const limits = { ...REQUEST_LIMITS, ...options.limits };
  const app = Fastify({
    forceCloseConnections: true,
    requestTimeout: limits.requestMs,
    http: {
      headersTimeout: Math.min(60_000, limits.requestMs),
      connectionsCheckingInterval: Math.min(30_000, limits.requestMs),
    },
    routerOptions: { maxParamLength: 5000 },
  });
  const pacs = options.dicomweb === undefined ? null : pacsAddress(options.dicomweb);
  const page = await readFile(join(viewerDir, 'index.html'), 'utf8').catch(() => {
    throw new StartError(`There is no viewer in ${viewerDir}: npm start fetches it`);
  });
  refuseForeignRequests(app, host);
  addSecurityHeaders(app, pagePolicy(page));
  let index: DicomIndex | null = null;
  let store: RunningStore | null = null;
  const scans: RunningServer['scans'] = [];
  if (pacs) {
    await checkPacs(pacs);
    await app.register(pacsProxy, { prefix: '/dicomweb', ...pacs, limits });
  } else {
    index = new DicomIndex();
    for (const folder of folders) scans.push({ folder, report: await readFolder(index, folder) });
    const opened = await openStore(app, options, index);
    store = opened?.running ?? null;
    const content = { index, store: opened?.store ?? null, limits };
    await app.register(dicomwebService, { prefix: '/dicomweb', ...content });
  }
  const nifti = await serveNiftiFiles(
    app,
    (options.nifti ?? []).map((file) => resolve(file)),
  );
  await serveViewer(app, viewerDir);
  await servePlugin(app, pluginDir);
  const extensions = pluginDir ? [`${PLUGIN_PATH}index.js`] : [];
  const config = appConfigScript({ extensions, pacs: pacs?.root ?? null });
  app.get('/app-config.js', (_request, reply) =>
    reply.type('text/javascript; charset=utf-8').header('Cache-Control', 'no-cache').send(config),
  );
  const url = await app.listen({ port, host }).catch((failure: NodeJS.ErrnoException) => {
    throw listenError(failure, port, host);
  });
  return { url, index, scans, store, nifti, close: () => app.close() };
}

async function openStore(app: FastifyInstance, options: ServerOptions, index: DicomIndex) {
  if (options.storeDir === undefined) return null;
  const folder = resolve(options.storeDir);
  const store = new InstanceStore({ folder, former: options.formerStoreDir }, index);
  const obstacle = await store.open();
  app.addHook('onClose', () => store.close());
  return { store, running: { folder, obstacle, former: store.former } };
}

function findPlugin(given: string | null | undefined): string | null {
  if (given === null) return null;
  const folder = resolve(given ?? join('dist', 'find-l3', RELEASE.version));
  if (existsSync(join(folder, 'index.js'))) return folder;
  if (given === undefined) return null;
  throw new StartError(`There is no built extension in ${given}: run npm run build`);
}

/** Before folders are read, which can take a while. */
async function checkPort(port: number, host: string): Promise<void> {
  if (port === 0) return;
  await new Promise<void>((free, fail) => {
    const probe = createServer();
    probe.once('error', (failure) => fail(listenError(failure, port, host)));
    probe.listen({ port, host }, () => probe.close(() => free()));
  });
}

function listenError({ code, message }: NodeJS.ErrnoException, port: number, host: string): Error {
  const texts: Record<string, string> = {
    EADDRINUSE: `Port ${port} is taken on ${host}: stop the program that uses it, or choose another with --port ${port + 1}`,
    EACCES: `Port ${port} may not be used by this user: choose one above 1023 with --port`,
    EADDRNOTAVAIL: `${host} is not an address of this machine: choose another with --host`,
    ENOTFOUND: `${host} is not a known name: give an address of this machine with --host`,
  };
  return new StartError(texts[code ?? ''] ?? `Cannot listen on ${host}:${port}: ${message}`);
}

async function readFolder(index: DicomIndex, folder: string): Promise<ScanReport> {
  const report = await index.addFolder(folder).catch((failure: NodeJS.ErrnoException) => {
    const texts: Record<string, string> = {
      ENOENT: 'does not exist',
      EACCES: 'may not be read by this user',
      EPERM: 'may not be read by this user',
    };
    const why = texts[failure.code ?? ''] ?? `cannot be read: ${failure.message}`;
    throw new StartError(`The folder ${folder} ${why}`);
  });
  if (report.added + report.duplicates === 0) {
    const { notDicom, malformed } = report;
    const [first] = malformed;
    const damaged = first ? `, ${malformed.length} damaged: ${first.path}: ${first.reason}` : '';
    throw new StartError(`There is no DICOM in ${folder} (other files: ${notDicom}${damaged})`);
  }
  return report;
}

async function serveViewer(app: FastifyInstance, viewerDir: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: viewerDir,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const forever = HASHED_NAME.test(path.replaceAll('\\', '/'));
      const value = forever ? 'public, max-age=31536000, immutable' : 'no-cache';
      reply.header('Cache-Control', value);
      if (path.endsWith('.js')) reply.header('Content-Security-Policy', workerPolicy());
    },
  });
  // The viewer's own addresses (/viewer?...) are no files: the page routes them itself.
  app.setNotFoundHandler((request, reply) => {
    const wantsPage = request.method === 'GET' && /text\/html/.test(request.headers.accept ?? '');
    const inService = /^\/(dicomweb|plugins)\//.test(request.url);
    if (wantsPage && !inService) return reply.sendFile('index.html', viewerDir);
    return reply.code(404).send({ message: `there is no ${request.url.split('?')[0]} here` });
  });
}

async function servePlugin(app: FastifyInstance, pluginDir: string | null): Promise<void> {
  if (!pluginDir) return;
  await app.register(fastifyStatic, {
    root: pluginDir,
    prefix: PLUGIN_PATH,
    decorateReply: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      reply.header('Cache-Control', 'no-cache');
      if (BINARY_NAME.test(path)) reply.header('Content-Type', 'application/octet-stream');
    },
  });
}
