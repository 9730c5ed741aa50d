import type { TrainingItem } from '../items/item';
import { givenData, serveJobs } from '../tools/serveJobs';
import { itemOfSeries, type SpineSeries } from './synthesizeMany';

const series = givenData<SpineSeries>();
serveJobs(
  (index: number): TrainingItem => itemOfSeries(series, index),
  ({ max, mean, lateral }) =>
    [max, mean, ...(lateral ? [lateral] : [])].map(({ buffer }) => buffer as ArrayBuffer),
);
