// A worker process of `find-l3 batch`, in plain JavaScript: makes TypeScript run, then serves.
import { register } from 'tsx/esm/api';

register();
const { serve } = await import('./worker.ts');
serve();
