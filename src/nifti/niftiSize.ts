import { within } from '../limits/most';
import { implausible, implausibleExtent, implausibleSample, short } from '../limits/size';
import { phrase } from '../reasons/phrases';
import type { Reason } from '../reasons/reasons';
import { length } from '../series/geometry';
import { voxelCount, type NiftiHeader } from './niftiFile';
import { cutIntoSlices, type NiftiSlices } from './niftiSlices';

/** Lengths of one step by sform and by qform that differ by more do not tell of one scan. */
const DISAGREEMENT = 1.5;

/**
 * Why a header tells of no scan of a person: by its numbers of voxels, the distances between them, or
 * because its sform is of another size than its qform; else null.
 */
export function implausibleVolume(header: NiftiHeader): Reason | null {
  const voxels = voxelCount(header);
  if (!within('voxels', voxels)) return implausible(phrase('size-voxels', { count: voxels }));
  const cut = cutIntoSlices(header);
  return 'code' in cut ? null : (implausibleCut(cut) ?? disagreement(header));
}

function implausibleCut({ row, column, slice }: NiftiSlices): Reason | null {
  if (!within('slices', slice.count)) {
    return implausible(phrase('size-count', { count: slice.count }));
  }
  if (!within('slicePixels', row.count * column.count)) {
    return implausible(phrase('size-slice', { rows: row.count, columns: column.count }));
  }
  const axes = [row, column, slice].map(({ count, step }) => ({ count, mm: length(step) }));
  for (const [index, { count, mm }] of axes.entries()) {
    const reason = count > 1 ? implausibleSample(mm, index === 2 ? 'slices' : 'pixels') : null;
    if (reason) return reason;
  }
  return implausibleExtent(axes.map(({ count, mm }) => (count - 1) * mm));
}

function disagreement({ stepsMm, size }: NiftiHeader): Reason | null {
  if (stepsMm === null || !stepsMm.qform.every((step) => step > 0 && Number.isFinite(step))) {
    return null;
  }
  const { sform, qform } = stepsMm;
  const agree = sform.every((step, i) => {
    const ratio = step / qform[i];
    return size[i] === 1 || (ratio < DISAGREEMENT && ratio > 1 / DISAGREEMENT);
  });
  if (agree) return null;
  const text = (steps: readonly number[]) => steps.map(short).join(' x ');
  return implausible(phrase('size-forms', { sform: text(sform), pixdim: text(qform) }));
}
