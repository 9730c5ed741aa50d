import { availableParallelism } from 'node:os';
import { checkStream, undecodable } from '../../dicom/checkStream';
import { DicomError } from '../../dicom/dicomError';
import { frameNumbers } from '../../dicom/frames';
import type { PixelFormat } from '../../dicom/pixelFormat';
import type { Decoder } from '../../dicom/transferSyntax';
import { MOST } from '../../limits/most';
import type { SlicePixels } from '../../series/types';
import { DecoderThread, type Decoded, type EncodedFrame } from './decoderThread';

interface Task {
  readonly frame: EncodedFrame;
  readonly settle: (decoded: Decoded) => void;
  readonly fail: (error: unknown) => void;
  /** The one that decodes it, once it is given to one. */
  thread: DecoderThread | null;
}

/**
 * Decodes compressed frames in threads of their own, since a damaged one can keep its decoder busy for
 * ever. Threads start when there are frames for them, one at a time, and are used again; one that takes
 * too long is ended.
 */
export class FrameDecoder {
  private readonly threads: number;
  private readonly seconds: number;
  private readonly waiting: Task[] = [];
  private readonly idle: DecoderThread[] = [];
  private running = 0;
  private isStarting = false;

  /** @param options `threads`: how many at most; `seconds`: how long one frame may take. */
  constructor({
    threads = mostThreads(),
    seconds = MOST.decodingSeconds,
  }: { readonly threads?: number; readonly seconds?: number } = {}) {
    this.threads = threads;
    this.seconds = seconds;
  }

  /**
   * Decodes one frame into stored values, rows x columns.
   *
   * @throws DicomError when the stream cannot be decoded, or not in time; the signal's reason when it is
   *   aborted.
   */
  async decode(
    decoder: Decoder,
    encoded: Uint8Array,
    format: PixelFormat,
    signal?: AbortSignal,
  ): Promise<SlicePixels> {
    signal?.throwIfAborted();
    checkStream(decoder, encoded, format);
    const decoded = await this.queue({ decoder, encoded: new Uint8Array(encoded), format }, signal);
    if ('ended' in decoded) throw undecodable(decoded.ended);
    if ('why' in decoded) throw undecodable(decoded.why);
    try {
      return frameNumbers(decoded.bytes, format);
    } catch (cause) {
      throw cause instanceof DicomError ? undecodable(cause.message, cause) : cause;
    }
  }

  private queue(frame: EncodedFrame, signal?: AbortSignal): Promise<Decoded> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        const at = this.waiting.indexOf(task);
        if (at >= 0) this.waiting.splice(at, 1);
        task.thread?.letGo();
        reject(signal?.reason);
      };
      const settle = (decoded: Decoded) => {
        signal?.removeEventListener('abort', onAbort);
        resolve(decoded);
      };
      const task: Task = { frame, settle, fail: reject, thread: null };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.waiting.push(task);
      this.handOut();
    });
  }

  private handOut(): void {
    while (this.waiting.length > 0 && this.idle.length > 0) {
      void this.run(this.idle.pop()!, this.waiting.shift()!);
    }
    if (this.waiting.length > 0 && !this.isStarting && this.running < this.threads) {
      void this.start();
    }
  }

  private async start(): Promise<void> {
    this.isStarting = true;
    this.running++;
    try {
      this.idle.push(await DecoderThread.start());
    } catch (cause) {
      this.running--;
      this.waiting.shift()?.fail(cause);
    }
    this.isStarting = false;
    this.handOut();
  }

  private async run(thread: DecoderThread, task: Task): Promise<void> {
    task.thread = thread;
    const decoded = await thread.decode(task.frame, this.seconds);
    if ('ended' in decoded) this.running--;
    else this.idle.push(thread);
    task.settle(decoded);
    this.handOut();
  }
}

let shared: FrameDecoder | null = null;

/** The decoder of this process. */
export function frameDecoder(): FrameDecoder {
  return (shared ??= new FrameDecoder());
}

/** As many threads as there are cores; more of them than this have nothing to wait for. */
export function mostThreads(): number {
  return Math.min(16, availableParallelism());
}
