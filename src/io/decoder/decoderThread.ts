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

/** A machine that is busy with other things is waited for so many times as long. */
const MOST_WAITS = 10;

/** When a computation of this process has had its time: by the clock, and by what the process computed. */
class Deadline {
  private readonly begun = process.cpuUsage();
  private timer: NodeJS.Timeout;
  private waits = 0;

  constructor(
    private readonly seconds: number,
    private readonly onPassed: () => void,
  ) {
    this.timer = this.wait();
  }

  clear(): void {
    clearTimeout(this.timer);
  }

  private wait(): NodeJS.Timeout {
    return setTimeout(() => {
      const { user, system } = process.cpuUsage(this.begun);
      const hasComputed = (user + system) / 1e6 >= 0.9 * this.seconds;
      // An answer that came while this thread was busy is taken first.
      if (hasComputed || ++this.waits === MOST_WAITS) setImmediate(this.onPassed);
      else this.timer = this.wait();
    }, this.seconds * 1000).unref();
  }
}

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
    const { settle } = this;
    this.worker.postMessage(frame, [frame.encoded.buffer]);
    const late = new Deadline(seconds, () => settle({ ended: `it took longer than ${seconds} s` }));
    const decoded = await answer;
    late.clear();
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
