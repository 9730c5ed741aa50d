import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TRAINING_FOLDER } from './paths';

/** What TensorFlow.js can compute on, the fastest first. */
export const BACKENDS = ['gpu', 'node', 'wasm'] as const;
export type BackendName = (typeof BACKENDS)[number];
export const BACKEND_CHOICES = ['auto', ...BACKENDS] as const;
export type BackendChoice = (typeof BACKEND_CHOICES)[number];

/** npm package of each backend; wasm is the last resort, some three times slower. */
export const BACKEND_PACKAGES: Readonly<Record<BackendName, string>> = {
  gpu: '@tensorflow/tfjs-node-gpu',
  node: '@tensorflow/tfjs-node',
  wasm: '@tensorflow/tfjs-backend-wasm',
};

const VARIABLE = 'FIND_L3_TRAIN_BACKEND';

/** Chooses for this process and those it starts; must come before TensorFlow is loaded. */
export function chooseBackend(choice: BackendChoice): void {
  if (choice !== 'auto') process.env[VARIABLE] = choice;
}

/** Backends to try, in order. @throws Error when the environment names one that does not exist */
export function backendsToTry(
  env: NodeJS.ProcessEnv = process.env,
  isThere: (path: string) => boolean = existsSync,
): BackendName[] {
  const chosen = env[VARIABLE] ?? 'auto';
  if (chosen !== 'auto') {
    const backend = BACKENDS.find((each) => each === chosen);
    if (backend) return [backend];
    throw new Error(`${VARIABLE} must be one of ${BACKEND_CHOICES.join(', ')}, not "${chosen}".`);
  }
  // Both native ones are the same library; the GPU's only makes sense with the driver of a GPU.
  const hasGpu = isThere('/proc/driver/nvidia/version') && isThere(nativeLibrary('gpu'));
  return hasGpu ? ['gpu', 'node', 'wasm'] : ['node', 'wasm'];
}

/** Where `setup` puts TensorFlow's library of a native backend. */
const nativeLibrary = (backend: 'gpu' | 'node'): string =>
  join(TRAINING_FOLDER, 'node_modules', ...BACKEND_PACKAGES[backend].split('/'), 'deps', 'lib');
