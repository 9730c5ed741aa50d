import { Worker } from 'node:worker_threads';
import type { PixelFormat } from '../../dicom/pixelFormat';
import type { Decoder } from '../../dicom/transferSyntax';

/** One frame for the decoders; the buffer of its stream goes over to the thread. */
export interface EncodedFrame {
  readonly decoder: Decoder;
  readonly encoded: Uint8Array<ArrayBuffer>;
  readonly format: PixelFormat;
}

/** The bytes of a frame, why there are none, or what became of the thread that should have made them. */
export type Decoded =
  { readonly bytes: Uint8Array } | { readonly why: string } | { readonly ended: string };

/** A thread with decoders of its own. It keeps the process only while a frame is waited for. */
export class DecoderThread {
  private settle: (message: unknown) => void = () => undefined;

  private constructor(private readonly worker: Worker) {
    worker.on('message', (message) => this.settle(message));
    worker.on('error', (error: Error) =>
      this.settle({ ended: `its decoder failed: ${error.message}` }),
    );
    worker.on('exit', (code) => this.settle({ ended: `its decoder ended with status ${code}` }));
  }

  /** @throws Error when the thread ends before its decoders are ready. */
  static async start(): Promise<DecoderThread> {
    const file = new URL('./decoderProgram.mjs', import.meta.url);
    // What a decoder prints is not for stdout, where answers go. (Reading it would keep the process.)
    const worker = new Worker(file, { execArgv: [], stdout: true, stderr: true });
    const thread = new DecoderThread(worker);
    const first = await thread.next();
    thread.letGo();
    if (first !== 'ready') throw new Error((first as { ended: string }).ended);
    return thread;
  }

  /**
   * Decodes one frame; one at a time. After `ended` the thread is gone.
   *
   * @param seconds after which it is ended.
   */
  async decode(frame: EncodedFrame, seconds: number): Promise<Decoded> {
    this.worker.ref();
    const answer = this.next() as Promise<Decoded>;
    this.worker.postMessage(frame, [frame.encoded.buffer]);
    const { settle } = this;
    const timer = setTimeout(() => {
      // An answer that came while this thread was busy is taken first.
      setImmediate(() => settle({ ended: `it took longer than ${seconds} s` }));
    }, seconds * 1000).unref();
    const decoded = await answer;
    clearTimeout(timer);
    this.letGo();
    if ('ended' in decoded) void this.worker.terminate();
    return decoded;
  }

  /** Nobody waits for its answer: the process may end without it. */
  letGo(): void {
    this.worker.unref();
  }

  private next(): Promise<unknown> {
    return new Promise((done) => (this.settle = done));
  }
}
