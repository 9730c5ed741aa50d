/**
 * One-cycle schedule (Smith, 2018) with cosine phases, as in `torch.optim.lr_scheduler.OneCycleLR`
 * with pct_start 0.12, div_factor 25 and final_div_factor 50: the rate rises to its peak and falls
 * to nearly nothing, the first moment's memory does the opposite.
 *
 * @param step from 1 to `steps`
 */
export function oneCycle(
  step: number,
  steps: number,
  peak: number,
): { learningRate: number; beta1: number } {
  const start = peak / 25;
  const end = start / 50;
  const turn = Math.max(0.12 * steps - 1, 1);
  const at = step - 1;
  const blend = (from: number, to: number, t: number) =>
    to + ((from - to) / 2) * (1 + Math.cos(Math.PI * Math.min(t, 1)));
  if (at <= turn) {
    return { learningRate: blend(start, peak, at / turn), beta1: blend(0.95, 0.85, at / turn) };
  }
  const t = (at - turn) / Math.max(steps - 1 - turn, 1);
  return { learningRate: blend(peak, end, t), beta1: blend(0.85, 0.95, t) };
}
