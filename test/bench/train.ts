import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { BACKENDS } from '../../training/tools/backends';
import type { Figure } from './main';

const TRAINING = join(import.meta.dirname, '..', '..', 'training');
const STEPS = { warmUp: 2, timed: 5 } as const;

interface Timing {
  readonly computedOn: string;
  readonly secondsPerStep: number;
}

/** Seconds a step of training on every backend that is set up, and of the same network in PyTorch. */
export async function benchTrain(): Promise<Figure[]> {
  const figures: Figure[] = [];
  let fastest: { readonly seconds: number; readonly json: string } | null = null;
  for (const backend of BACKENDS) {
    const json = timeSteps(backend);
    if (json === null) {
      console.log(`train: ${backend} is not set up (npm run train -- setup) and left out`);
      continue;
    }
    const { computedOn, secondsPerStep } = JSON.parse(json) as Timing;
    figures.push({ what: `a step on ${computedOn}`, value: secondsPerStep, unit: 's' });
    if (!fastest || secondsPerStep < fastest.seconds) fastest = { seconds: secondsPerStep, json };
  }
  if (!fastest) return figures;
  const twin = spawnSync('python3', [join(import.meta.dirname, 'torch_twin.py')], {
    input: JSON.stringify({ ...(JSON.parse(fastest.json) as object), ...STEPS }),
    encoding: 'utf8',
  });
  if (twin.status !== 0) {
    const why = (twin.error?.message ?? twin.stderr).trim().split('\n').at(-1);
    console.log(`train: no comparison with PyTorch: ${why}`);
    return figures;
  }
  const { computedOn, secondsPerStep } = JSON.parse(twin.stdout) as Timing;
  return [
    ...figures,
    { what: `a step on ${computedOn}`, value: secondsPerStep, unit: 's' },
    {
      what: 'TensorFlow.js against PyTorch',
      value: fastest.seconds / secondsPerStep,
      unit: 'times as long',
    },
  ];
}

/** One line of JSON of `benchSteps.ts`; null where the backend does not start. */
function timeSteps(backend: string): string | null {
  const { warmUp, timed } = STEPS;
  const program = join(TRAINING, 'train', 'benchSteps.ts');
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--import', 'tsx', program, String(warmUp), String(timed)],
    {
      encoding: 'utf8',
      maxBuffer: 1e8,
      env: { ...process.env, FIND_L3_TRAIN_BACKEND: backend },
    },
  );
  return status === 0 ? stdout.trim().split('\n').at(-1)! : null;
}
