import { levelGroup } from '../../../../src/sr/levelGroup';
import { levelReport } from '../../../../src/sr/levelReport';
import { readLevelReport } from '../../../../src/sr/readLevelReport';
import type { Dataset } from '../../../../src/sr/types';
import { withAccessors } from '../../../../src/viewer/keep/accessors';
import { fileOf, readBack } from '../../sr/dicomFile';
import { MOVED, PLACED, source } from '../../sr/levels';

interface Answering {
  readonly CodeMeaning: string;
}

test('each sequence answers for its first item, as those of the viewer do', () => {
  const group = withAccessors(levelGroup(MOVED));
  const [first] = group.ContentSequence as readonly Dataset[];
  expect((group.ConceptNameCodeSequence as unknown as Answering).CodeMeaning).toBe(
    'Measurement Group',
  );
  expect((first.ConceptNameCodeSequence as unknown as Answering).CodeMeaning).toBe(
    'Tracking Identifier',
  );
  expect((group.ContentSequence as unknown as Dataset).TextValue).toBe(first.TextValue);
});

test('what is written and read of it is the same', () => {
  const plain = levelReport(source({ levels: [MOVED, PLACED] }));
  const answering = withAccessors(plain);
  expect(JSON.stringify(answering)).toBe(JSON.stringify(plain));
  expect(readLevelReport(answering)).toEqual(readLevelReport(plain));
  expect(readBack(fileOf({ ...answering, _meta: plain._meta }))).toEqual(readBack(fileOf(plain)));
});
