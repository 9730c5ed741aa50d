import { readManifest } from './manifest';
import { messageOf, ModelError } from './modelError';
import type { ModelPackage } from './openLevelModel';
import type { ModelManifest } from './types';

export interface FetchOptions {
  /** Bytes of the model file so far; `total` is the manifest's figure. */
  readonly onProgress?: (loaded: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Downloads a model package in a browser or worker.
 *
 * @param baseUrl absolute URL of the package's folder
 * @throws ModelError 'download' naming the URL and the answer, 'manifest' naming the wrong field;
 *   the signal's reason when aborted
 */
export async function fetchModelPackage(
  baseUrl: string,
  options: FetchOptions = {},
): Promise<ModelPackage> {
  const manifest = await fetchManifest(baseUrl, options);
  return { manifest, modelBytes: await fetchModelBytes(baseUrl, manifest, options) };
}

/** Downloads and checks the manifest alone. */
export async function fetchManifest(
  baseUrl: string,
  { signal }: FetchOptions = {},
): Promise<ModelManifest> {
  const url = fileUrl(baseUrl, 'manifest.json');
  // The manifest names its model's SHA-256, so a stale one beside a new model would be an error.
  const response = await download(url, { signal, cache: 'no-cache' });
  const bytes = await response.arrayBuffer().catch((error) => broken(url, error, signal));
  return readManifest(new Uint8Array(bytes), url.href);
}

/** Downloads the model file of a manifest; its SHA-256 is checked when the model is opened. */
export async function fetchModelBytes(
  baseUrl: string,
  manifest: ModelManifest,
  { signal, onProgress }: FetchOptions = {},
): Promise<Uint8Array> {
  const url = fileUrl(baseUrl, manifest.file);
  url.searchParams.set('sha256', manifest.sha256);
  const response = await download(url, { signal });
  const chunks: Uint8Array[] = [];
  let loaded = 0;
  try {
    const reader = response.body?.getReader();
    onProgress?.(0, manifest.bytes);
    for (;;) {
      const part = await reader?.read();
      if (!part?.value) break;
      chunks.push(part.value);
      loaded += part.value.length;
      onProgress?.(loaded, manifest.bytes);
    }
  } catch (error) {
    return broken(url, error, signal);
  }
  const bytes = new Uint8Array(loaded);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function fileUrl(baseUrl: string, file: string): URL {
  return new URL(file, baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
}

async function download(url: URL, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init).catch((error) => broken(url, error, init.signal));
  if (!response.ok) {
    throw new ModelError(
      'download',
      `${url} answers ${`${response.status} ${response.statusText}`.trim()}; ` +
        'check where the model package was copied to',
    );
  }
  return response;
}

function broken(url: URL, error: unknown, signal?: AbortSignal | null): never {
  signal?.throwIfAborted();
  throw new ModelError('download', `${url} could not be downloaded (${messageOf(error)})`, {
    cause: error,
  });
}
