// The worker of `src/batch` with the runtime's code compiled quickly rather than well, with the same
// answers: each of the tests' workers searches one or two small series.
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--liftoff-only');
await import('../../../src/batch/worker.mjs');
