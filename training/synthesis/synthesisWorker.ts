import type { TrainingItem } from '../items/item';
import { givenData, serveJobs } from '../tools/serveJobs';
import { synthesizeItem } from './synthesizeItem';
import type { SpineSeries } from './synthesizeMany';

const { seed, curves, variants } = givenData<SpineSeries>();
serveJobs(
  (index: number): TrainingItem => synthesizeItem(seed, index, curves, variants),
  ({ max, mean, lateral }) =>
    [max, mean, ...(lateral ? [lateral] : [])].map(({ buffer }) => buffer as ArrayBuffer),
);
