import * as ort from 'onnxruntime-web';

/** A picture the network is asked about: channels x height x width. */
export interface Probe {
  readonly data: Float32Array;
  readonly height: number;
  readonly width: number;
}

/** The exported model on the runtime that the viewer falls back to (wasm, one thread). */
export class ExportedNetwork {
  private constructor(
    private readonly session: ort.InferenceSession,
    private readonly channels: number,
  ) {}

  static async open(model: Uint8Array, channels: number): Promise<ExportedNetwork> {
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
    return new ExportedNetwork(session, channels);
  }

  async answer({ data, height, width }: Probe): Promise<Float32Array> {
    const input = new ort.Tensor('float32', data, [1, this.channels, height, width]);
    const { inputNames, outputNames } = this.session;
    const answers = await this.session.run({ [inputNames[0]!]: input });
    return answers[outputNames[0]!]!.data as Float32Array;
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}
