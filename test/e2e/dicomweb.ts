import { api } from 'dicomweb-client';

/** The part of XMLHttpRequest that dicomweb-client uses, over fetch: Node.js has none. */
class FetchRequest {
  responseType = '';
  readyState = 0;
  status = 0;
  response: unknown = null;
  onreadystatechange: (() => void) | null = null;
  private method = '';
  private url = '';
  private readonly headers = new Headers();
  private received = new Headers();

  open(method: string, url: string): void {
    this.method = method.toUpperCase();
    this.url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.headers.set(name, value);
  }

  getResponseHeader(name: string): string | null {
    return this.received.get(name);
  }

  getAllResponseHeaders(): string {
    return [...this.received].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  }

  send(body?: ArrayBuffer): void {
    void this.run(body).finally(() => {
      this.readyState = 4;
      this.onreadystatechange?.();
    });
  }

  private async run(body?: ArrayBuffer): Promise<void> {
    const { method, headers } = this;
    const answer = await fetch(this.url, { method, headers, body });
    this.received = answer.headers;
    const bytes = await answer.arrayBuffer();
    const text = () => new TextDecoder().decode(bytes);
    if (this.responseType === 'json')
      this.response = bytes.byteLength > 0 ? JSON.parse(text()) : null;
    else this.response = this.responseType === 'arraybuffer' ? bytes : text();
    this.status = answer.status;
  }
}

interface SeriesQuery {
  studyInstanceUID: string;
  seriesInstanceUID: string;
}
interface FrameQuery extends SeriesQuery {
  sopInstanceUID: string;
  frameNumbers: number[];
  mediaTypes: { mediaType: string; transferSyntaxUID: string }[];
}
/** A data set in the DICOM JSON model. */
export type Dataset = Record<string, { vr: string; Value?: unknown[] }>;

/** What the tests call of dicomweb-client, whose own types do not allow what it documents. */
export interface Client {
  searchForStudies(options: { queryParams: object }): Promise<Dataset[]>;
  searchForSeries(options: { studyInstanceUID: string; queryParams: object }): Promise<Dataset[]>;
  searchForInstances(options: SeriesQuery): Promise<Dataset[]>;
  retrieveSeriesMetadata(options: SeriesQuery): Promise<Dataset[]>;
  retrieveSeries(options: SeriesQuery): Promise<ArrayBuffer[]>;
  retrieveInstanceFrames(options: FrameQuery): Promise<ArrayBuffer[]>;
  storeInstances(options: { datasets: ArrayBuffer[] }): Promise<unknown>;
}

/** The client that OHIF uses, for tests that run in Node.js. */
export function dicomwebClient(url: string): Client {
  Object.assign(globalThis, { XMLHttpRequest: FetchRequest });
  const DICOMwebClient = api.DICOMwebClient as unknown as new (options: object) => Client;
  return new DICOMwebClient({ url, headers: {} });
}
