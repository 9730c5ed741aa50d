import { ArrivedSeries } from '../../../src/batch/arrivedSeries';

const series = (instances: number | null = 3) => ({
  ...{ studyInstanceUID: '1.2', seriesInstanceUID: '1.3', modality: 'CT' },
  ...{ seriesNumber: null, seriesDescription: null, instances },
});

/** What a look does with a series that has these images. */
function look(
  arrived: ArrivedSeries,
  fingerprint: string,
  status = 'found',
  instances?: number | null,
) {
  arrived.lookAgain();
  const one = series(instances);
  if (!arrived.mayBeNew(one)) return 'not asked for';
  const settled = arrived.take(one, fingerprint);
  settled?.([status as 'found']);
  return settled ? 'taken' : 'left';
}

it('a series is taken once it has the same images at two looks', () => {
  const arrived = new ArrivedSeries();
  expect(look(arrived, 'a', '', 1)).toBe('left');
  expect(look(arrived, 'b', '', 2)).toBe('left');
  expect(look(arrived, 'b', 'found', 2)).toBe('taken');
  expect(look(arrived, 'b', 'found', 2)).toBe('not asked for');
});

it('and again when it gets other images', () => {
  const arrived = new ArrivedSeries();
  const steps = ['a', 'a', 'a', 'c', 'c', 'c'].map((images) =>
    look(arrived, images, 'found', null),
  );
  expect(steps).toEqual(['left', 'taken', 'left', 'left', 'taken', 'left']);
  expect(look(arrived, 'd', 'found', 4)).toBe('left');
  expect(look(arrived, 'd', 'found', 4)).toBe('taken');
});

it('what failed is tried again, ever more rarely', () => {
  const arrived = new ArrivedSeries();
  const steps = Array.from({ length: 20 }, () => look(arrived, 'a', 'failed'));
  const taken = steps.flatMap((step, i) => (step === 'taken' ? i : []));
  expect(taken).toEqual([1, 2, 4, 8, 16]);
  const other = new ArrivedSeries();
  look(other, 'a');
  look(other, 'a', 'failed');
  expect(look(other, 'a', 'found')).toBe('taken');
  expect(look(other, 'a', 'found')).toBe('not asked for');
});
