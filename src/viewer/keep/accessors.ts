import type { Dataset } from '../../sr/types';

/**
 * A data set as dcmjs gives it to the viewer: a sequence answers for its first item, which the viewer's
 * own reports rely on (`group.ConceptNameCodeSequence.CodeMeaning`).
 */
export function withAccessors(dataset: Dataset): Dataset {
  return Object.fromEntries(
    Object.entries(dataset).map(([keyword, value]) => [
      keyword,
      isSequence(value) ? sequence(value) : value,
    ]),
  );
}

function isSequence(value: unknown): value is readonly Dataset[] {
  return Array.isArray(value) && typeof value[0] === 'object' && value[0] !== null;
}

function sequence(items: readonly Dataset[]): readonly Dataset[] {
  const list = items.map(withAccessors);
  for (const keyword of Object.keys(list[0])) {
    // Not enumerable: nothing that writes the items writes it.
    Object.defineProperty(list, keyword, { get: () => list[0][keyword] });
  }
  return list;
}
