import type { Progress } from '../projection/types';

/** Progress is shown at most this often, ms. */
const PROGRESS_INTERVAL_MS = 100;

/** Passes progress on as often as people can read it, and every stage's beginning and end. */
export function readable(report: (progress: Progress) => void): (progress: Progress) => void {
  let stage = '';
  let last = -Infinity;
  return (progress) => {
    const now = performance.now();
    const due = progress.stage !== stage || progress.done === progress.of;
    if (!due && now - last < PROGRESS_INTERVAL_MS) return;
    [stage, last] = [progress.stage, now];
    report(progress);
  };
}
