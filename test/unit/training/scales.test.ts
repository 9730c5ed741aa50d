import { patientPointOf } from '../../../src/projection/maps';
import { ProjectionBuilder } from '../../../src/projection/projectionBuilder';
import { knownSeries } from '../../../src/model/knownSeries';
import { judgeAnswer } from '../../../training/evaluate/judge';
import { scalesOf, scaleSeries, scaleTable } from '../../../training/evaluate/scales';
import type { Case } from '../../../training/items/cases';

const truth: Case = {
  ...{ id: 'scan', set: 'a-set', modality: 'CT', path: 'scan', expected: 'found', note: null },
  ...{ l3ZMm: 10, toleranceMm: 3, lastRib: { name: 'T12', zMm: 100, yMm: null } },
  levels: [{ name: 'L3', zMm: 10, yMm: -5 }],
};

describe('scans in other sizes', () => {
  it('have their truth in the same size, and owe an answer where people have it', () => {
    const [small, larger] = scalesOf(truth, [0.5, 1.1]);
    expect(small!.truth).toMatchObject({
      ...{ id: 'scan@0.5', set: 'a-set@0.5', l3ZMm: 5, toleranceMm: 1.5, expected: 'either' },
      ...{ levels: [{ zMm: 5, yMm: -2.5 }], lastRib: { zMm: 50, yMm: null } },
    });
    expect(larger!.truth.expected).toBe('found');
    const [negative] = scalesOf({ ...truth, l3ZMm: null, expected: 'undetermined' }, [0.5]);
    expect(negative!.truth.expected).toBe('undetermined');
  });

  it('are projected in that size, by the same voxels', () => {
    const { series, slices } = knownSeries(3);
    const project = (scale: number) => {
      const builder = new ProjectionBuilder(scaleSeries(series, { scale }), {
        channels: ['max'],
        window: { kind: 'hu', low: -200, high: 800 },
      });
      slices.forEach((slice, i) => builder.addSlice(i, slice, 1, 0));
      return builder.finish();
    };
    const [own, half] = [project(1), project(0.5)];
    const ends = (p: typeof own) => [p.topZMm, patientPointOf(p, p.height - 1, 0)[2]];
    ends(own).forEach((zMm, i) => expect(Math.abs(ends(half)[i]! - zMm / 2)).toBeLessThan(3));
  });

  it('are counted by scale, with the places offered where there is no L3', () => {
    const none: Case = { ...truth, l3ZMm: null, levels: [], expected: 'undetermined' };
    const answer = { status: 'undetermined', l3: null, countedFrom: null, reason: 'x' } as const;
    const guess = { zMm: 4, probability: 0.3 };
    const outcomes = scalesOf(none, [0.7, 1.4]).map(({ truth: scaled, scale }) =>
      judgeAnswer(scaled, 'never', { ...answer, guess: scale < 1 ? guess : null, milliseconds: 1 }),
    );
    const [, , small, large] = scaleTable(outcomes, [0.7, 1.4]).split('\n');
    expect(small).toBe('| 0.7 | 0 | 0 | 0 | 1 | 0 | 0 | 1 |');
    expect(large).toBe('| 1.4 | 0 | 0 | 0 | 1 | 0 | 0 | 0 |');
  });
});
