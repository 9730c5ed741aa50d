import type { Vec3 } from '../series/types';
import { kidneys, organs } from './abdomen';
import { bowel, pelvicOrgans } from './bowel';
import { layerOf, type Layer } from './canvas';
import { pelvis } from './pelvis';
import { NoiseField, type PhantomRandom } from './random';
import { canalContents, sacrum } from './sacrum';
import { CANAL_DEPTH, fromFrame, spineFrames, VERTEBRAE, type Frame } from './spine';
import { greatVessels, lungs, ribs, upperChest } from './thorax';
import { spinalMuscles, trunk } from './torso';
import { discs, vertebra } from './vertebra';
import { vessels } from './vessels';

export interface Person {
  readonly lateralCurveMm: number;
  readonly fat: number;
  readonly prone: boolean;
}

/**
 * A person in anatomical mm (x to the left, y to the back, z to the head, L3 at `L3_CENTRE`), as layers
 * in painting order: later ones lie over earlier ones, bone comes last.
 */
export function personLayers(
  person: Person,
  random: PhantomRandom,
): { layers: Layer[]; spine: Frame[] } {
  const noise = new NoiseField(random);
  const build = { fat: person.fat };
  const spine = spineFrames(person.lateralCurveMm);
  const s1 = spine[spine.length - 1];
  const canal: Vec3[] = [
    ...VERTEBRAE.map((v, i) => fromFrame(spine[i], 0, v.depth / 2 + CANAL_DEPTH / 2, 0)),
    fromFrame(s1, 0, 23, 0),
    [s1.centre[0], s1.centre[1] + 42, s1.centre[2] - 26],
  ];
  const up = person.prone ? 1 : -1;
  const structures = [
    organs(build, noise, up),
    spinalMuscles(spine, noise),
    kidneys(),
    bowel(random, build, noise, up),
    pelvicOrgans(noise),
    lungs(spine, build, noise),
    greatVessels(),
    upperChest(spine, noise),
    vessels(spine, noise),
    canalContents(canal),
    discs(spine, noise),
    ribs(spine, build, noise),
    pelvis(noise),
    sacrum(s1, noise),
    VERTEBRAE.map((size, i) => vertebra(size, spine[i], noise)),
  ];
  return { layers: [trunk(build, noise, person.prone), ...structures.map(layerOf)], spine };
}
