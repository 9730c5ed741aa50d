import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { Credentials } from './credentials';
import { DicomwebError } from './dicomwebError';
import { mediaTypes } from './multipart';
import { partsOf } from './multipartMessage';

/** One data set in DICOM JSON (PS3.18 Annex F): attributes by tag. */
export type DicomJson = Readonly<
  Record<string, { readonly vr?: string; readonly Value?: readonly unknown[] } | undefined>
>;

export interface DicomwebOptions {
  /** Its DICOMweb root. */
  readonly root: string;
  readonly credentials: Credentials;
  /** How long to wait before asking again, ms, one number an attempt more. */
  readonly waitsMs?: readonly number[];
}

/** A bit over a minute in all: a PACS that restarts, or a queue that is full. */
const WAITS_MS = [1_000, 2_000, 5_000, 15_000, 40_000];
/** The longest that a PACS may ask for by Retry-After, ms. */
const LONGEST_WAIT_MS = 300_000;
/** Statuses that pass: a timeout, too many requests, and what a PACS or a proxy before it cannot do now. */
const PASSING = [408, 425, 429, 500, 502, 503, 504];
const DICOM_JSON = 'application/dicom+json';
const DICOM = 'application/dicom';
const MULTIPART = 'multipart/related';
const FILES = `${MULTIPART}; type="${DICOM}"`;

/** An answer that may be another one when it is asked for again. */
class Passing extends Error {
  constructor(
    message: string,
    readonly afterMs: number | null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A PACS over DICOMweb (PS3.18). What fails for a passing reason is asked again, ever later. */
export class DicomwebClient {
  /** Without a slash at its end. */
  readonly root: string;

  constructor(private readonly options: DicomwebOptions) {
    this.root = options.root.replace(/\/+$/, '');
  }

  /**
   * QIDO-RS and metadata.
   *
   * @param query values by name; an attribute may come several times.
   * @returns the data sets; none for an answer without content.
   * @throws DicomwebError, or the signal's reason.
   */
  async json(
    path: string,
    query: readonly (readonly [string, string])[],
    signal: AbortSignal,
  ): Promise<readonly DicomJson[]> {
    const search =
      query.length > 0 ? `?${new URLSearchParams(query.map((pair) => [...pair]))}` : '';
    return this.retrying(path, signal, async () => {
      const response = await this.ask(`${path}${search}`, { Accept: DICOM_JSON }, signal);
      if (response.status === 204) return [];
      const text = await response.text().catch((cause: unknown) => {
        throw new Passing('its answer breaks off', null, { cause });
      });
      const list = text.trim() === '' ? [] : parsed(text);
      if (Array.isArray(list)) return list as readonly DicomJson[];
      throw refused(
        `the server at ${this.root} does not answer as a DICOMweb service`,
        "Give its DICOMweb root; Orthanc's ends in /dicom-web.",
      );
    });
  }

  /**
   * WADO-RS of a series or an instance, in the transfer syntax that it is stored in.
   *
   * @param take is given each DICOM file (PS3.10) as it comes, one after the other.
   * @returns false where the answer broke off; what was taken before is whole.
   * @throws DicomwebError, the signal's reason, and what `take` throws.
   */
  async files(
    path: string,
    signal: AbortSignal,
    take: (file: AsyncIterable<Buffer>) => Promise<void>,
  ): Promise<boolean> {
    const asked = (accept: string) =>
      this.retrying(path, signal, () => this.ask(path, { Accept: accept }, signal));
    const response = await asked(`${FILES}; transfer-syntax=*`).catch((error: unknown) => {
      // Some know no asterisk.
      if (error instanceof DicomwebError && error.status === 406) return asked(FILES);
      throw error;
    });
    if (response.status === 204 || !response.body) return true;
    const type = mediaTypes(response.headers.get('content-type') ?? '')[0];
    const stream = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    const broken = { off: false };
    const chunks = noting(stream, broken);
    try {
      const { boundary } = type?.parameters ?? {};
      if (type?.type === DICOM) await take(chunks);
      else if (type?.type === MULTIPART && boundary) {
        for await (const part of partsOf(chunks, boundary)) await take(part);
      } else {
        throw refused(
          `the PACS gives ${type?.type || 'something'} where DICOM is expected`,
          'Its session may have ended, or it is no DICOMweb service.',
        );
      }
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (broken.off || (error as Error).name === 'MultipartError') return false;
      throw error;
    } finally {
      stream.destroy();
    }
  }

  /**
   * STOW-RS of one instance into its study.
   *
   * @param file DICOM (PS3.10).
   * @throws DicomwebError, also where the PACS takes the request and not the instance; the signal's reason.
   */
  async store(studyInstanceUID: string, file: Uint8Array, signal: AbortSignal): Promise<void> {
    const path = `studies/${studyInstanceUID}`;
    const boundary = 'find-l3-report';
    const body = Buffer.concat([
      Buffer.from(`--${boundary}\r\nContent-Type: ${DICOM}\r\n\r\n`),
      file,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]);
    const headers = {
      Accept: DICOM_JSON,
      'Content-Type': `${FILES}; boundary=${boundary}`,
    };
    const answer = await this.retrying(path, signal, async () => {
      const response = await this.ask(path, headers, signal, { method: 'POST', body });
      return parsed(await response.text().catch(() => '')) as DicomJson | null;
    });
    const [failed] = answer?.['00081198']?.Value ?? [];
    if (!failed) return;
    const reason = (failed as DicomJson)['00081197']?.Value?.[0];
    const why = typeof reason === 'number' ? ` (failure reason ${reason.toString(16)}H)` : '';
    throw refused(
      `the PACS does not store the report${why}`,
      "Ask its administrator; see the PACS' log.",
    );
  }

  /**
   * DELETE of a study, which PS3.18 does not know and some PACS do.
   *
   * @returns whether the PACS says that it has deleted it; false for one that does not do so.
   * @throws DicomwebError where it gives no answer or asks for a login; the signal's reason.
   */
  async remove(studyInstanceUID: string, signal: AbortSignal): Promise<boolean> {
    const path = `studies/${studyInstanceUID}`;
    try {
      const response = await this.retrying(path, signal, () =>
        this.ask(path, {}, signal, { method: 'DELETE' }),
      );
      await response.body?.cancel().catch(() => undefined);
      return true;
    } catch (error) {
      if (error instanceof DicomwebError && error.kind === 'refused') return false;
      throw error;
    }
  }

  /**
   * Does something until it succeeds, or has failed too often for a passing reason.
   *
   * @throws DicomwebError naming the address.
   */
  private async retrying<T>(path: string, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    const waits = this.options.waitsMs ?? WAITS_MS;
    for (let attempt = 0; ; attempt++) {
      try {
        return await act();
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof Passing)) throw error;
        if (attempt === waits.length) {
          const message = `${this.root}/${path}: ${error.message}, ${attempt + 1} times`;
          throw new DicomwebError(
            'unreached',
            message,
            'Check that the PACS runs, and run again.',
            {
              cause: error,
            },
          );
        }
        // Not in step with others who were turned away at the same moment.
        const wait = waits[attempt] * (0.75 + Math.random() / 2);
        await pause(Math.min(LONGEST_WAIT_MS, Math.max(wait, error.afterMs ?? 0)), undefined, {
          signal,
        });
      }
    }
  }

  /** @throws Passing, DicomwebError, or the signal's reason. */
  private async ask(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    { method, body }: { readonly method?: 'POST' | 'DELETE'; readonly body?: Buffer } = {},
  ): Promise<Response> {
    const authorization = await this.options.credentials();
    const response = await fetch(`${this.root}/${path}`, {
      method: method ?? 'GET',
      headers: { ...headers, ...(authorization && { Authorization: authorization }) },
      // A login page elsewhere is no answer, and credentials go nowhere else.
      redirect: 'manual',
      signal,
      ...(body && { body: new Uint8Array(body) }),
    }).catch((error: Error & { cause?: NodeJS.ErrnoException }) => {
      signal.throwIfAborted();
      const why = error.cause?.code ?? error.cause?.message ?? error.message;
      throw new Passing(`the PACS does not answer (${why})`, null, { cause: error });
    });
    const { status } = response;
    if (response.ok) return response;
    await response.body?.cancel().catch(() => undefined);
    if (PASSING.includes(status)) {
      const seconds = Number(response.headers.get('retry-after') ?? NaN);
      throw new Passing(`the PACS answers HTTP ${status}`, seconds >= 0 ? seconds * 1000 : null);
    }
    if (status === 401 || status === 403 || (status >= 300 && status < 400)) {
      throw new DicomwebError(
        'login',
        `the PACS at ${this.root} asks for a login (HTTP ${status})`,
        'Give a user or a token that may read and store: --credentials FILE.',
      );
    }
    const advice =
      status === 413
        ? 'Ask for less at once, by --query.'
        : "Ask its administrator; see the PACS' log.";
    const message = `${this.root}/${path.replace(/\?.*/, '')}: the PACS refuses (HTTP ${status})`;
    throw new DicomwebError('refused', message, advice, { status });
  }
}

function refused(message: string, advice: string): DicomwebError {
  return new DicomwebError('refused', message, advice);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** Hands chunks on, and notes whether it was the stream that failed. */
async function* noting(stream: Readable, broken: { off: boolean }): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield Buffer.from(chunk as Uint8Array);
  } catch (error) {
    broken.off = true;
    throw error;
  }
}
