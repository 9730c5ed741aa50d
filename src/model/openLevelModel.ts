import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { LevelEvidence } from '../levels/types';
import type { Projection } from '../projection/types';
import { messageOf, ModelError } from './modelError';
import { ProvenSession } from './provenSession';
import type { RuntimeHost } from './runtimeHost';
import { evidenceOf, networkInput } from './evidence';
import type { ModelManifest } from './manifest';
import type { LevelModel, RuntimeName, RuntimeObstacle, RuntimeReport } from './types';

/** A model's files as they were read or downloaded, not yet verified. */
export interface ModelPackage {
  readonly manifest: ModelManifest;
  readonly modelBytes: Uint8Array;
}

/**
 * Verifies the model's bytes, opens a session on the best runtime that gives the known answer, and
 * keeps to that rule: WebGPU is made anew once when it fails, then wasm takes over for good, also
 * when the failure comes in the middle of a session. The model's `runtime` tells what runs and why.
 *
 * @throws ModelError 'checksum' when the bytes are not those of the manifest; 'known-answer' or
 *   'runtime' when no runtime can run the model; the signal's reason when aborted
 */
export async function openLevelModel(
  { manifest, modelBytes }: ModelPackage,
  host: RuntimeHost,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<LevelModel> {
  verifyBytes(manifest, modelBytes);
  const obstacle = host.webgpuObstacle ? await host.webgpuObstacle() : null;
  signal?.throwIfAborted();
  const useWebgpu = host.webgpuObstacle !== undefined && obstacle === null;
  const model = new OpenModel(
    { manifest, modelBytes },
    host,
    useWebgpu ? ['webgpu', 'webgpu', 'wasm'] : ['wasm'],
    obstacle,
  );
  await model.open();
  if (signal?.aborted) await model.dispose();
  signal?.throwIfAborted();
  return model;
}

function verifyBytes(manifest: ModelManifest, bytes: Uint8Array): void {
  if (bytes.length !== manifest.bytes) {
    throw new ModelError(
      'checksum',
      `${manifest.file} has ${bytes.length} bytes, its manifest says ${manifest.bytes}; ` +
        'it was cut off or belongs to another model: copy the model package again',
    );
  }
  const found = bytesToHex(sha256(bytes));
  if (found !== manifest.sha256) {
    throw new ModelError(
      'checksum',
      `${manifest.file} has the SHA-256 ${found}, its manifest expects ${manifest.sha256}; ` +
        'it is damaged or belongs to another model: copy the model package again',
    );
  }
}

class OpenModel implements LevelModel {
  readonly manifest: ModelManifest;
  private session: ProvenSession | null = null;
  private runtimeName: RuntimeName = 'wasm';
  private readonly failures: string[] = [];
  private queue: Promise<unknown> = Promise.resolve();
  private disposed = false;

  constructor(
    private readonly files: ModelPackage,
    private readonly host: RuntimeHost,
    private readonly attempts: RuntimeName[],
    private readonly obstacle: RuntimeObstacle | null,
  ) {
    this.manifest = files.manifest;
  }

  get runtime(): RuntimeReport {
    const runtime = this.runtimeName;
    const fallback = runtime === 'webgpu' ? null : (this.obstacle ?? this.failed);
    return {
      runtime,
      fallbackReason: fallback?.message ?? null,
      ...(fallback && { fallbackCode: fallback.code }),
      threads: this.host.threads,
    };
  }

  private get failed(): RuntimeObstacle | null {
    const [first] = this.failures;
    return first === undefined ? null : { code: 'failed', message: `WebGPU failed: ${first}` };
  }

  /** Opens a session on the next runtime that proves itself. */
  async open(): Promise<ProvenSession> {
    let last: unknown;
    for (;;) {
      const runtime = this.attempts.shift();
      if (runtime === undefined) break;
      try {
        this.session = await ProvenSession.open(
          runtime,
          this.host,
          this.manifest,
          this.files.modelBytes,
        );
        this.runtimeName = runtime;
        return this.session;
      } catch (error) {
        last = error;
        this.failures.push(messageOf(error));
      }
    }
    const all = [...new Set(this.failures)].join('; ');
    throw new ModelError(
      last instanceof ModelError ? last.code : 'runtime',
      `${this.manifest.name} ${this.manifest.version} cannot run here: ${all}`,
      { cause: last },
    );
  }

  run(projection: Projection, signal?: AbortSignal): Promise<LevelEvidence> {
    const turn = this.queue.then(() => this.runNow(projection, signal));
    this.queue = turn.catch(() => undefined);
    return signal ? unlessAborted(turn, signal) : turn;
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    await this.queue;
    await this.session?.close();
    this.session = null;
  }

  private async runNow(projection: Projection, signal?: AbortSignal): Promise<LevelEvidence> {
    signal?.throwIfAborted();
    const input = networkInput(projection, this.manifest);
    for (;;) {
      if (this.disposed) throw new ModelError('runtime', 'the model was disposed');
      const session = this.session ?? (await this.open());
      try {
        return evidenceOf(await session.run(input), projection, this.manifest);
      } catch (error) {
        this.session = null;
        await session.close();
        if (session.runtime === 'wasm') {
          // A session that failed is not trusted with the next series.
          this.attempts.push('wasm');
          throw error;
        }
        this.failures.push(messageOf(error));
        signal?.throwIfAborted();
      }
    }
  }
}

/** The promise, or the signal's reason as soon as it aborts; what runs on is not awaited. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
