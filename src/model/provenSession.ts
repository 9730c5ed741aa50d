import { evidenceOf, networkInput, type Stack } from './evidence';
import { knownAnswerMismatch } from './knownAnswer';
import { knownProjection } from './knownSeries';
import { messageOf, ModelError } from './modelError';
import type { OrtSession, OrtTensor, RuntimeHost } from './runtimeHost';
import { mapCount, type ModelManifest } from './manifest';
import type { RuntimeName } from './types';

/** Values outside 0..1 by more than this are no heat map. */
const RANGE_SLACK = 1e-3;

/** A session on one runtime that has given the known answer. */
export class ProvenSession {
  private constructor(
    readonly runtime: RuntimeName,
    private readonly host: RuntimeHost,
    private readonly manifest: ModelManifest,
    private readonly session: OrtSession,
    private readonly lost: Promise<never> | null,
  ) {}

  /**
   * Makes the session and runs the known answer on it.
   *
   * @throws ModelError ('runtime', 'output' or 'known-answer'); nothing stays open then
   */
  static async open(
    runtime: RuntimeName,
    host: RuntimeHost,
    manifest: ModelManifest,
    modelBytes: Uint8Array,
  ): Promise<ProvenSession> {
    let session: OrtSession;
    try {
      session = await host.ort.InferenceSession.create(modelBytes, {
        executionProviders: [runtime],
        graphOptimizationLevel: 'all',
        logSeverityLevel: host.verbose ? 0 : 3,
      });
    } catch (error) {
      throw new ModelError('runtime', `the session could not be made (${messageOf(error)})`, {
        cause: error,
      });
    }
    const lost = runtime === 'webgpu' ? rejectionOnLoss(host) : null;
    const proven = new ProvenSession(runtime, host, manifest, session, lost);
    try {
      await proven.proveItself();
    } catch (error) {
      await proven.close();
      throw error;
    }
    return proven;
  }

  /**
   * @param planes the channels, sizes in multiples of the manifest's `multipleOf`
   * @returns the network's answer: maps of values in 0..1 on the output grid
   * @throws ModelError ('runtime' when the run fails or the GPU is lost, 'output' when the answer
   *   is NaN, flat, out of 0..1, or of another shape than the manifest says)
   */
  async run({ data, height, width }: Stack): Promise<Stack> {
    const { input, output } = this.manifest;
    const tensor = new this.host.ort.Tensor('float32', data, [
      1,
      input.channels.length,
      height,
      width,
    ]);
    let answer: OrtTensor | undefined;
    try {
      const running = this.session.run({ [input.name]: tensor });
      answer = (await (this.lost ? Promise.race([running, this.lost]) : running))[output.name];
    } catch (error) {
      if (error instanceof ModelError) throw error;
      throw new ModelError('runtime', `the run failed (${messageOf(error)})`, { cause: error });
    }
    return checkedMaps(answer, this.manifest, height / output.stride, width / output.stride);
  }

  /** Gives the session back; a runtime that fails at that is left alone. */
  async close(): Promise<void> {
    await this.session.release().catch(() => undefined);
  }

  private async proveItself(): Promise<void> {
    const { knownAnswer, input, file } = this.manifest;
    const projection = knownProjection(input, knownAnswer.seed);
    const maps = await this.run(networkInput(projection, this.manifest));
    const evidence = evidenceOf(maps, projection, this.manifest);
    const mismatch = knownAnswerMismatch(this.manifest, evidence, projection);
    if (mismatch !== null) {
      throw new ModelError(
        'known-answer',
        `${file} does not give its known answer on ${this.runtime}: ${mismatch}`,
      );
    }
  }
}

function checkedMaps(
  tensor: OrtTensor | undefined,
  manifest: ModelManifest,
  height: number,
  width: number,
): Stack {
  const { name } = manifest.output;
  if (!tensor) throw new ModelError('output', `the model has no output named "${name}"`);
  const shape = [1, manifest.output.members * mapCount(manifest.output), height, width];
  if (tensor.type !== 'float32' || tensor.dims.join() !== shape.join()) {
    const found = `${tensor.type} [${tensor.dims.join(', ')}]`;
    throw new ModelError(
      'output',
      `output "${name}" is ${found}, the manifest says float32 [${shape.join(', ')}]`,
    );
  }
  const data = tensor.data as Float32Array;
  let min = Infinity;
  let max = -Infinity;
  for (const value of data) {
    if (Number.isNaN(value)) throw new ModelError('output', 'the model’s output holds NaN');
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (min === max) throw new ModelError('output', `the model’s output is ${min} everywhere`);
  if (min < -RANGE_SLACK || max > 1 + RANGE_SLACK) {
    throw new ModelError('output', `the model’s output spans ${min} to ${max} instead of 0 to 1`);
  }
  return { data, height, width };
}

function rejectionOnLoss(host: RuntimeHost): Promise<never> | null {
  if (!host.deviceLost) return null;
  const rejection = host.deviceLost().then((why) => {
    throw new ModelError('runtime', `the GPU device was lost (${why})`);
  });
  rejection.catch(() => undefined); // loss between two runs is met by the next run
  return rejection;
}
