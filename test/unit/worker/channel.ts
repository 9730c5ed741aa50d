import type { LevelModel } from '../../../src/model/types';
import type { FinderWorker } from '../../../src/worker/finderClient';
import type { Endpoint, FromWorker, ToWorker } from '../../../src/worker/messages';
import { serveFinder, type OpenModel } from '../../../src/worker/serveFinder';

type Listener = (event: Event & { readonly message?: string }) => void;

/** A worker over a MessageChannel, in this thread, with everything that passed on record. */
export class ChannelWorker implements FinderWorker {
  readonly sent: ToWorker[] = [];
  readonly received: FromWorker[] = [];
  terminated = false;
  onPost: (message: ToWorker) => void = () => undefined;
  private readonly channel = new MessageChannel();
  private readonly errorListeners: Listener[] = [];

  constructor(serve: (port: Endpoint) => void) {
    const { port1, port2 } = this.channel;
    serve(port2 as unknown as Endpoint);
    port2.start();
    port1.addEventListener('message', ({ data }) => this.received.push(data as FromWorker));
    port1.start();
  }

  postMessage(message: ToWorker, transfer: Transferable[]): void {
    if (this.terminated) throw new Error('posted to a worker that was ended');
    this.sent.push(message);
    this.onPost(message);
    this.channel.port1.postMessage(message, transfer);
  }

  addEventListener(type: string, listener: Listener & ((event: MessageEvent) => void)): void {
    if (type === 'message') this.channel.port1.addEventListener('message', listener);
    if (type === 'error') this.errorListeners.push(listener);
  }

  terminate(): void {
    this.terminated = true;
    this.channel.port1.close();
    this.channel.port2.close();
  }

  crash(message?: string): void {
    for (const listener of this.errorListeners) {
      listener(Object.assign(new Event('error'), { message }));
    }
  }

  /** Messages of one type, in the order they were sent or received. */
  sentOf<T extends ToWorker['type']>(type: T) {
    return this.sent.filter((m): m is Extract<ToWorker, { type: T }> => m.type === type);
  }

  receivedOf<T extends FromWorker['type']>(type: T) {
    return this.received.filter((m): m is Extract<FromWorker, { type: T }> => m.type === type);
  }
}

/** A worker that runs the real serving side with this model. */
export function servingWorker(open: OpenModel): ChannelWorker {
  return new ChannelWorker((port) => serveFinder(port, open));
}

/** Opens a ready-made model at once. */
export function opens(model: LevelModel): OpenModel {
  return () => ({ manifest: Promise.resolve(model.manifest), model: Promise.resolve(model) });
}

/** A worker's end that only records; `answer` posts what the test wants. */
export function silentWorker(): { worker: ChannelWorker; answer: (message: FromWorker) => void } {
  let answer: (message: FromWorker) => void = () => undefined;
  const worker = new ChannelWorker((port) => {
    answer = (message) => port.postMessage(message, []);
  });
  return { worker, answer: (message) => answer(message) };
}
