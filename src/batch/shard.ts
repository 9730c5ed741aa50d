import { createHash } from 'node:crypto';
import { BatchError } from './batchError';

/** One of `count` runs that share a tree; `number` is 1 to `count`. */
export interface Shard {
  readonly number: number;
  readonly count: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const MOST = 100_000;

/**
 * Reads `K/N`, or `auto` for what the scheduler of an array job says: Slurm's SLURM_ARRAY_TASK_ID, _MIN, _MAX,
 * _COUNT and _STEP, or Kubernetes' JOB_COMPLETION_INDEX together with JOB_COMPLETION_COUNT.
 *
 * @throws BatchError saying what is missing or out of range.
 */
export function readShard(text: string, env: Environment): Shard {
  return text === 'auto' ? shardOfJob(env) : shardOfText(text);
}

/** Whether something with this name, the same on every machine, falls to the shard. */
export function fallsTo({ number, count }: Shard, name: string): boolean {
  if (count === 1) return true;
  return createHash('sha256').update(name).digest().readUInt32LE(0) % count === number - 1;
}

function shardOfText(text: string): Shard {
  const [, number, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const shard = { number: Number(number), count: Number(count) };
  if (number !== undefined && isShard(shard)) return shard;
  throw new BatchError(
    `--shard ${text}: give K/N with K from 1 to N (at most ${MOST}), as in --shard 1/8, or --shard auto in an array job`,
    true,
  );
}

function shardOfJob(env: Environment): Shard {
  if (env.SLURM_ARRAY_TASK_ID !== undefined) {
    const [id, min, count] = ['ID', 'MIN', 'COUNT'].map((name) =>
      whole(env[`SLURM_ARRAY_TASK_${name}`]),
    );
    const step = whole(env.SLURM_ARRAY_TASK_STEP) || 1;
    const shard = { number: (id - min) / step + 1, count };
    if (isShard(shard)) return shard;
    throw new BatchError(
      `--shard auto: task ${env.SLURM_ARRAY_TASK_ID} of this Slurm array is none of an unbroken range (SLURM_ARRAY_TASK_MIN ${env.SLURM_ARRAY_TASK_MIN}, SLURM_ARRAY_TASK_COUNT ${env.SLURM_ARRAY_TASK_COUNT}); submit with --array=1-N, or give --shard K/N`,
      true,
    );
  }
  if (env.JOB_COMPLETION_INDEX !== undefined) {
    const shard = {
      number: whole(env.JOB_COMPLETION_INDEX) + 1,
      count: whole(env.JOB_COMPLETION_COUNT),
    };
    if (isShard(shard)) return shard;
    throw new BatchError(
      `--shard auto: JOB_COMPLETION_INDEX is ${env.JOB_COMPLETION_INDEX}; set JOB_COMPLETION_COUNT to the job's number of completions (it is ${env.JOB_COMPLETION_COUNT ?? 'not set'}), or give --shard K/N`,
      true,
    );
  }
  throw new BatchError(
    '--shard auto: this is no array job of Slurm (SLURM_ARRAY_TASK_ID) nor an indexed job of Kubernetes (JOB_COMPLETION_INDEX); give --shard K/N',
    true,
  );
}

function isShard({ number, count }: Shard): boolean {
  return Number.isInteger(number) && number >= 1 && number <= count && count <= MOST;
}

function whole(text: string | undefined): number {
  return /^\d+$/.test(text ?? '') ? Number(text) : NaN;
}
