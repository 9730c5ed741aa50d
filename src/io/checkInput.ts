import { reason } from '../reasons/reasons';
import { assembleSeries } from '../series/assembleSeries';
import type { SeriesCheck } from '../series/types';
import type { LoadedSeries } from './types';

/**
 * Checks a series read from files: what the file itself rules out first, then its geometry. A
 * modality that was inferred from the values is among the warnings.
 */
export function checkInput(loaded: LoadedSeries): SeriesCheck {
  if (loaded.refusal) return { ok: false, reason: loaded.refusal, warnings: [] };
  const check = assembleSeries(loaded.description);
  if (!check.ok) return check;
  const { modality, warnings } = check.series;
  const guessed = loaded.modalityGuessed ? [reason('modality-guessed', { modality })] : [];
  return { ok: true, series: { ...check.series, warnings: [...warnings, ...guessed] } };
}
