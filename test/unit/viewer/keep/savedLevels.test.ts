import { levelReport } from '../../../../src/sr/levelReport';
import { readLevelReport } from '../../../../src/sr/readLevelReport';
import type { Dataset } from '../../../../src/sr/types';
import type { LevelMark } from '../../../../src/viewer/mark/types';
import type { DisplaySet, DisplaySetService } from '../../../../src/viewer/host/ohif';
import { SavedLevels } from '../../../../src/viewer/keep/savedLevels';
import { SLICE, source } from '../../sr/levels';
import { MARK, PlainStore } from './marks';

const IMAGES: DisplaySet = {
  displaySetInstanceUID: 'here',
  StudyInstanceUID: '1.2.3',
  SeriesInstanceUID: '1.2.3.4',
  Modality: 'CT',
};
const OTHER_MARK = { ...MARK, annotationUID: '00000000-0000-4000-8000-000000000002' };

function report(marks: readonly LevelMark[], uid: string, predecessors: readonly Dataset[] = []) {
  return levelReport(
    source({
      levels: marks.map((mark) => ({
        ...mark,
        slice: { ...mark.slice!, sopClassUID: mark.slice!.sopClassUID! },
        plane: SLICE,
        review: mark.review ?? null,
      })),
      newUid: () => uid,
      predecessors: predecessors.map((dataset) => readLevelReport(dataset)!.report),
    }),
  );
}

const shown = (...instances: Dataset[]): DisplaySet => ({
  displaySetInstanceUID: 'sr',
  Modality: 'SR',
  instances,
});

function viewer(...displaySets: DisplaySet[]) {
  const store = new PlainStore();
  const service = { getActiveDisplaySets: () => displaySets } as unknown as DisplaySetService;
  return { store, displaySets, saved: new SavedLevels(service, store) };
}

/** Nobody has had a hand in it. */
const UNTOUCHED = { moved: null, review: null, fromReport: false } as const;

/** As a mark comes back: of this viewer's display set; its slice follows from its point. */
const back = { ...MARK, displaySetInstanceUID: 'here', slice: null, fromReport: true };

test('the newest report’s levels come back once, with everything', () => {
  const first = report([MARK], '1.2.3.1');
  const moved = { ...MARK, pointLpsMm: [5, 10, -150] as const };
  const second = report([moved], '1.2.3.2', [first]);
  const { store, saved } = viewer(IMAGES, shown(second, first));
  expect(saved.restore()).toHaveLength(1);
  expect(store.list()).toEqual([{ ...back, pointLpsMm: [5, 10, -150] }]);
  expect(saved.isSaved('1.2.3', store.list())).toBe(true);
  expect(saved.current('1.2.3').map((one) => one.sopInstanceUID)).toEqual(['1.2.3.2']);
  // A person deletes it: it stays away, though the host lists the report again and again.
  store.remove(MARK.annotationUID);
  expect(saved.restore()).toEqual([]);
  expect(store.list()).toEqual([]);
});

test('a study whose saved marks were all deleted can be withdrawn, and stays without', () => {
  const first = report([MARK], '1.2.3.1');
  const { store, displaySets, saved } = viewer(IMAGES, shown(first));
  // Until they are back, nobody has deleted them.
  expect(saved.withdrawn()).toEqual([]);
  saved.restore();
  expect(saved.withdrawn()).toEqual([]);
  store.remove(MARK.annotationUID);
  expect(saved.withdrawn()).toEqual(['1.2.3']);
  const withdrawal = report([], '1.2.3.2', [first]);
  saved.stored(readLevelReport(withdrawal)!, []);
  expect(saved.withdrawn()).toEqual([]);
  displaySets[1] = shown(withdrawal, first);
  expect(saved.restore()).toEqual([]);

  const other = viewer(IMAGES, shown(withdrawal, first));
  expect(other.saved.restore()).toEqual([]);
  expect(other.store.list()).toEqual([]);
  expect(other.saved.withdrawn()).toEqual([]);
  expect(other.saved.current('1.2.3').map((one) => one.sopInstanceUID)).toEqual(['1.2.3.2']);
});

test('a study whose images are still on their way is not taken for one without marks', () => {
  const { saved } = viewer(shown(report([MARK], '1.2.3.1')));
  saved.restore();
  expect(saved.withdrawn()).toEqual([]);
});

test('a report that comes before its images waits for them', () => {
  const { store, displaySets, saved } = viewer(shown(report([MARK], '1.2.3.1')));
  expect(saved.restore()).toEqual([]);
  displaySets.push({ ...IMAGES, StudyInstanceUID: '9.9.9' });
  expect(saved.restore()).toEqual([]);
  displaySets.push(IMAGES);
  expect(saved.restore()).toHaveLength(1);
  expect(store.list()).toEqual([back]);
});

test('a mark of the program that is there already is not overwritten, and counts as unsaved', () => {
  const { store, saved } = viewer(IMAGES, shown(report([MARK, OTHER_MARK], '1.2.3.1')));
  const found = { ...back, pointLpsMm: [0, 0, -10] as const, ...UNTOUCHED };
  store.put(found);
  expect(saved.restore().map(({ annotationUID }) => annotationUID)).toEqual([
    OTHER_MARK.annotationUID,
  ]);
  expect(store.get(MARK.annotationUID)).toBe(found);
  expect(saved.isSaved('1.2.3', store.list())).toBe(false);
});

test('beside what a person has not saved, a report that comes to light waits for a decision', () => {
  const dataset = report([MARK, OTHER_MARK], '1.2.3.1');
  const { store, saved } = viewer(IMAGES, shown(dataset));
  const mine = { ...back, pointLpsMm: [0, 0, -10] as const, fromReport: false };
  store.put(mine);
  expect(saved.restore()).toEqual([]);
  expect(store.list()).toEqual([mine]);
  expect(saved.conflict('1.2.3')).toMatchObject({
    seen: 'saving',
    reports: [{ sopInstanceUID: '1.2.3.1', levels: [{ label: 'L3' }, { label: 'L3' }] }],
  });
  // Until then it neither is replaced by what is saved next, nor were its levels deleted here.
  expect([saved.current('1.2.3'), saved.deleted('1.2.3')]).toEqual([[], []]);
  saved.settle(saved.conflict('1.2.3')!, 'mine', () => 'new');
  expect(saved.conflict('1.2.3')).toBeNull();
  expect(saved.current('1.2.3').map(({ sopInstanceUID }) => sopInstanceUID)).toEqual(['1.2.3.1']);
});

test('a machine’s report that comes to light is no person’s to decide about', () => {
  const { store, saved } = viewer(IMAGES, shown(report([{ ...MARK, ...UNTOUCHED }], '1.2.3.1')));
  const mine = { ...back, pointLpsMm: [0, 0, -10] as const, fromReport: false };
  store.put(mine);
  expect(saved.restore()).toEqual([]);
  expect([store.list(), saved.conflict('1.2.3')]).toEqual([[mine], null]);
});

test('a report that was sent from here and found later is no one else’s', () => {
  const dataset = report([MARK], '1.2.3.1');
  const { store, displaySets, saved } = viewer(IMAGES);
  store.put(MARK);
  saved.sending(readLevelReport(dataset)!, store.list());
  expect(saved.isSaved('1.2.3', store.list())).toBe(false);
  displaySets.push(shown(dataset));
  saved.restore();
  expect(saved.conflict('1.2.3')).toBeNull();
  expect(saved.isSaved('1.2.3', store.list())).toBe(true);
});

test('what was just saved is known, until something changes', () => {
  const { store, displaySets, saved } = viewer(IMAGES);
  store.put(MARK);
  expect(saved.isSaved('1.2.3', store.list())).toBe(false);
  const dataset = report([MARK], '1.2.3.1');
  saved.stored(readLevelReport(dataset)!, store.list());
  expect(saved.isSaved('1.2.3', store.list())).toBe(true);
  displaySets.push(shown(dataset));
  expect(saved.restore()).toEqual([]);
  for (const change of [
    { pointLpsMm: [5, 10, -176] as const },
    { label: 'L3 checked' },
    { definition: 'inferior-endplate' as const },
  ]) {
    store.put({ ...MARK, ...change });
    expect(saved.isSaved('1.2.3', store.list())).toBe(false);
  }
  store.remove(MARK.annotationUID);
  expect(saved.isSaved('1.2.3', store.list())).toBe(false);
});

test('a report that a person loads on purpose wins over what was done since', () => {
  const dataset = report([MARK], '1.2.3.1');
  const { store, saved } = viewer(IMAGES, shown(dataset));
  saved.restore();
  store.put({ ...back, pointLpsMm: [0, 0, 0] });
  expect(saved.restoreReport(dataset)).toBe(true);
  expect(store.list()).toEqual([back]);
  // It is what the PACS has.
  expect(saved.isSaved('1.2.3', store.list())).toBe(true);
  expect(saved.restoreReport({ Modality: 'SR' })).toBe(false);
});

test('a report that was saved from here and is loaded again is still one’s own', () => {
  const dataset = report([MARK], '1.2.3.1');
  const { store, saved } = viewer(IMAGES);
  saved.stored(readLevelReport(dataset)!, [MARK]);
  saved.restoreReport(dataset);
  expect(store.get(MARK.annotationUID)?.fromReport).toBe(false);
});

test('an older report that a person loads has to be saved again to count', () => {
  const first = report([MARK], '1.2.3.1');
  const second = report([{ ...MARK, pointLpsMm: [5, 10, -150] }], '1.2.3.2', [first]);
  const { store, saved } = viewer(IMAGES, shown(second, first));
  saved.restore();
  expect(saved.isSaved('1.2.3', store.list())).toBe(true);
  saved.restoreReport(first);
  expect(store.list()).toEqual([back]);
  expect(saved.isSaved('1.2.3', store.list())).toBe(false);
});

test('foreign reports are left alone', () => {
  const { store, saved } = viewer(IMAGES, shown({ SOPInstanceUID: '1.9', Modality: 'SR' }));
  expect(saved.restore()).toEqual([]);
  expect(store.list()).toEqual([]);
});
