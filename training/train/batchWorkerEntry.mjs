// A worker thread starts without the loader of TypeScript files that its parent runs under.
import { register } from 'tsx/esm/api';

register();
await import('./batchWorker.ts');
