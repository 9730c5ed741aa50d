import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Series of one study, by UID: SOP Instance UIDs and files. */
export type Images = Record<string, Record<string, Buffer>>;

type Answer = (request: IncomingMessage, response: ServerResponse) => boolean;

const STUDY = '1.2.3';

/** A DICOMweb service in this process, which can be made to fail. */
export class FakePacs {
  readonly asked: string[] = [];
  /** Answers before the rest does; false to let it. */
  before: Answer = () => false;
  /** The most that it gives at a time. */
  page = 1000;
  private server: Server | null = null;

  constructor(public images: Images) {}

  get root(): string {
    return `http://127.0.0.1:${(this.server!.address() as AddressInfo).port}/dicom-web`;
  }

  async start(): Promise<void> {
    this.server = createServer((request, response) => {
      this.asked.push(request.url!.replace('/dicom-web/', ''));
      if (!this.before(request, response)) this.answer(request, response);
    });
    await new Promise<void>((done) => this.server!.listen(0, '127.0.0.1', done));
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((done) => (this.server ? this.server.close(done) : done(null)));
  }

  private answer({ url }: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(url!, 'http://localhost');
    const [, , series, , image] = pathname.replace('/dicom-web/studies', '').split('/').slice(1);
    const found = (items: object[]) => {
      const from = Number(searchParams.get('offset') ?? 0);
      const most = Math.min(this.page, Number(searchParams.get('limit')));
      const page = items.slice(from, from + most);
      response.writeHead(page.length > 0 ? 200 : 204, { 'Content-Type': 'application/dicom+json' });
      response.end(page.length > 0 ? JSON.stringify(page) : '');
    };
    if (pathname.endsWith('/studies')) return found([uids({ '0020000D': STUDY })]);
    if (pathname.endsWith(`${STUDY}/series`)) {
      return found(
        Object.keys(this.images).map((uid) => uids({ '0020000E': uid, '00080060': 'CT' })),
      );
    }
    if (pathname.endsWith('/instances')) {
      return found(Object.keys(this.images[series] ?? {}).map((uid) => uids({ '00080018': uid })));
    }
    const given = image ? [this.images[series][image]] : Object.values(this.images[series] ?? {});
    response.writeHead(200, {
      'Content-Type': 'multipart/related; type="application/dicom"; boundary=b',
    });
    response.end(multipart(given));
  }
}

export function multipart(files: readonly Buffer[]): Buffer {
  const parts = files.flatMap((file) => [
    Buffer.from('--b\r\nContent-Type: application/dicom\r\n\r\n'),
    file,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...parts, Buffer.from('--b--\r\n')]);
}

function uids(values: Record<string, string>): object {
  return Object.fromEntries(
    Object.entries(values).map(([tag, value]) => [tag, { vr: 'UI', Value: [value] }]),
  );
}
