import { createServer, type IncomingMessage, type Server } from 'node:http';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startServer,
  type RunningServer,
  type ServerOptions,
} from '../../../src/server/startServer';
import { ctSlice } from './dicomBytes';

export const PAGE =
  '<html><head><script>alert(1)</script><script defer src="/app.js"></script></head></html>';

type Reply = (
  request: IncomingMessage,
  body: string,
) => { status: number; type: string; body: string; headers?: Record<string, string> };

/** Servers of a test over a folder of its own, with a viewer, a plugin and DICOM in it. */
export class Serving {
  private readonly running: { close: () => unknown }[] = [];
  private constructor(readonly folder: string) {}

  static async begin(): Promise<Serving> {
    const folder = await mkdtemp(join(tmpdir(), 'find-l3-server-'));
    const files: Record<string, string | Buffer> = {
      'viewer/index.html': PAGE,
      'viewer/app-config.js': 'stock',
      'viewer/app.bundle.0123456789abcdef.js': 'bundle',
      'viewer/decoder.wasm': 'wasm',
      'plugin/index.js': 'export default {}',
      'plugin/models/m/model.onnx': 'onnx',
      'plugin/models/m/manifest.json': '{}',
      'plugin/ort.wasm': 'wasm',
      'secret.txt': 'secret',
      'dicom/deep/1.dcm': ctSlice(),
      'text/readme.txt': 'no image',
      'broken/1.dcm': ctSlice().subarray(0, -3),
    };
    for (const [name, content] of Object.entries(files)) {
      await mkdir(join(folder, name, '..'), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    await mkdir(join(folder, 'empty'));
    return new Serving(folder);
  }

  async start(options: ServerOptions = {}): Promise<RunningServer> {
    const server = await startServer({
      port: 0,
      viewerDir: join(this.folder, 'viewer'),
      pluginDir: join(this.folder, 'plugin'),
      storeDir: join(this.folder, 'data'),
      folders: [join(this.folder, 'dicom')],
      ...options,
    });
    this.running.push(server);
    return server;
  }

  /** A PACS that answers so. @returns its DICOMweb root */
  async upstream(reply: Reply): Promise<string> {
    const server: Server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { status, type, body, headers } = reply(request, Buffer.concat(chunks).toString());
        response
          .writeHead(status, { 'Content-Type': type, 'Set-Cookie': 'a=b', ...headers })
          .end(body);
      });
    });
    return this.listen(server);
  }

  /** @returns the DICOMweb root of what listens now */
  async listen(server: Server): Promise<string> {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    this.running.push({
      close: () => {
        server.closeAllConnections();
        return new Promise((done) => server.close(done));
      },
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/dicom-web`;
  }

  /** Closes what was started first. */
  async closeFirst(): Promise<void> {
    await this.running.shift()?.close();
  }

  async closeAll(): Promise<void> {
    for (const one of this.running.splice(0)) await one.close();
  }

  async end(): Promise<void> {
    await this.closeAll();
    await rm(this.folder, { recursive: true });
  }
}

export const portOf = ({ url }: { url: string }) => Number(new URL(url).port);
