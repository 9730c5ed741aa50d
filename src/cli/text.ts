import { isCounted } from '../finder/counted';
import type { Finding } from '../finder/types';
import { percent } from '../reasons/percent';
import type { LoadedSeries } from '../io/types';
import type { Series } from '../series/types';

const COUNTED_FROM = {
  sacrum: 'the sacrum',
  'last-rib': 'the last rib',
  both: 'the sacrum and the last rib',
} as const;

/** What a person reads about one series, without a newline at the end. */
export function findingText(loaded: LoadedSeries, finding: Finding): string {
  if (finding.status === 'refused') {
    const { code, message, advice } = finding.reason;
    return [
      heading(loaded, null),
      `  refused (${code}): ${message}`,
      `  ${advice}`,
      ...notes(finding),
    ].join('\n');
  }
  const lines = [heading(loaded, finding.series)];
  if (finding.status === 'found') {
    const { zMm, sdMm, probability, sliceIndex, sopInstanceUID, frameNumber } = finding.l3;
    lines.push(
      `  L3 at z = ${mm(zMm)} mm (sd ${mm(sdMm)} mm), probability ${percent(probability)}, ` +
        `counted from ${COUNTED_FROM[finding.countedFrom]}`,
    );
    if (sliceIndex !== null) lines.push(`  on ${sliceText(finding.series, sliceIndex)}`);
    if (sopInstanceUID !== null) {
      const frame = frameNumber === null ? '' : `, frame ${frameNumber}`;
      lines.push(`  SOP Instance UID ${sopInstanceUID}${frame}`);
    }
  } else {
    const { code, message, advice } = finding.reason;
    lines.push(`  L3 undetermined (${code}): ${message}`, `  ${advice}`);
  }
  if (finding.levels.length > 0) {
    const levels = finding.levels.map(({ name, zMm }) => `${name} ${mm(zMm)}`);
    lines.push(`  levels, z in mm: ${levels.join(', ')}`);
  }
  for (const { zMm, probability, why } of finding.alternatives) {
    const chance = isCounted(finding) ? `probability ${percent(probability)}` : 'not counted';
    lines.push(`  could also be at z = ${mm(zMm)} mm, ${chance}: ${why}`);
  }
  return [...lines, ...notes(finding)].join('\n');
}

function notes({ warnings }: Finding): string[] {
  return warnings.map(({ message, advice }) => `  note: ${message} ${advice}`);
}

function heading(loaded: LoadedSeries, series: Series | null): string {
  const { uid, modality, slices } = loaded.description;
  const spacing = series && series.spacingMm > 0 ? `, ${mm(series.spacingMm)} mm apart` : '';
  const plane = series ? `${series.plane} ` : '';
  const count = `${plane}${slices.length === 1 ? 'slice' : 'slices'}${spacing}`;
  const name = uid === loaded.path ? '' : ` series ${uid}`;
  return `${loaded.path}${name} (${modality}, ${slices.length} ${count})`;
}

/** The slice as a person counts it, from 1 and from a named end. */
function sliceText(series: Series, index: number): string {
  const end = series.normal[2] > 0 ? 'foot' : 'head';
  return `slice ${index + 1} of ${series.slices.length}, counted from the ${end} end`;
}

function mm(value: number): string {
  return value.toFixed(1);
}
