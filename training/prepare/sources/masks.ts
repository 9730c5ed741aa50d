import { openInput } from '../../../src/io/openInput';
import type { Case } from '../../items/cases';
import { readLabelMap, regionsOf, type LabelMap } from '../labelMap';
import { countFromSacrum, type LabelledBody } from '../numbering';
import { bodyCentre, firstSacralBody } from '../vertebralBody';
import type { SourceCase } from './source';

/** The vertebral bodies that a label map shows whole; a body that the scan's end cuts is left out. */
export function bodiesOf(map: LabelMap, names: ReadonlyMap<number, string>): LabelledBody[] {
  const regions = regionsOf(map, new Set(names.keys()));
  return [...regions].flatMap(([label, region]) => {
    const name = names.get(label)!;
    const body = (name === 'S1' ? firstSacralBody : bodyCentre)(region);
    return body && !body.isCut ? [{ name, centre: body.centre }] : [];
  });
}

/**
 * A scan whose levels come from masks.
 *
 * @throws Error naming the case when the masks show no vertebra, or two out of order.
 */
export async function scanOf(
  entry: SourceCase,
  image: string,
  bodies: readonly LabelledBody[],
  ribsCounted: boolean,
): Promise<Case> {
  if (bodies.length === 0) throw new Error('the labels show no whole vertebra');
  return {
    id: entry.id,
    set: entry.set,
    modality: await modalityOf(image),
    path: image,
    ...countFromSacrum(bodies, ribsCounted),
    toleranceMm: null,
    note: null,
  };
}

/** What the files state, or what the values say (air of -1000 HU is CT). */
export async function modalityOf(path: string): Promise<'CT' | 'MR'> {
  for await (const loaded of openInput(path)) {
    if (loaded.kind === 'failure') throw new Error(loaded.message);
    const { modality } = loaded.description;
    if (modality === 'CT' || modality === 'MR') return modality;
    throw new Error(`${path} is of the modality ${modality}`);
  }
  throw new Error(`${path} holds no image`);
}

export { readLabelMap };
