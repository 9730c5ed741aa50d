import { Random } from '../../../training/tools/random';

function moments(values: readonly number[]) {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  return { mean, sd: Math.sqrt(variance) };
}

/** What 0.3.0 drew. */
const RUN = [0.22407322051003575, -1.9519749002923568, 40, 8.957897644647769];
const PICTURE = [
  ...[0.08307430567219853, -0.1480900400184272, 12],
  ...[-0.5603912012583732, 1.8746306562207582, 0.2592020253650844],
];

describe('Random', () => {
  it('keeps its two seedings: runs and pictures of before are made again to the last bit', () => {
    const ofRun = Random.ofKeys(11, 2, 3);
    expect([ofRun.next(), ofRun.normal(), ofRun.below(100), ofRun.normal(2, 3)]).toEqual(RUN);
    const large = Random.ofKeys(2 ** 40 + 5);
    expect(large.next()).toBe(0.678261807654053);
    const ofPicture = Random.ofStream(11, 2);
    expect([
      ...[ofPicture.next(), ofPicture.normal(), ofPicture.integer(0, 100)],
      ...[ofPicture.normal(2, 3), ofPicture.exponential(2), ofPicture.next()],
    ]).toEqual(PICTURE);
  });

  it('repeats itself for one seed and stream, and only then', () => {
    const draw = (seed: number, stream: number) => {
      const random = Random.ofStream(seed, stream);
      return Array.from({ length: 8 }, () => random.next());
    };
    expect(draw(1, 5)).toEqual(draw(1, 5));
    expect(draw(1, 5)).not.toEqual(draw(1, 6));
    expect(draw(1, 5)).not.toEqual(draw(2, 5));
  });

  it('draws uniform and normal numbers with the right moments', () => {
    const random = Random.ofStream(11);
    const uniform = moments(Array.from({ length: 20000 }, () => random.next()));
    expect(uniform.mean).toBeCloseTo(0.5, 1);
    expect(uniform.sd).toBeCloseTo(Math.sqrt(1 / 12), 2);
    const normal = moments(Array.from({ length: 20000 }, () => random.normal(3, 2)));
    expect(Math.abs(normal.mean - 3)).toBeLessThan(0.05);
    expect(Math.abs(normal.sd - 2)).toBeLessThan(0.05);
  });

  it('gives neighbouring streams that are not correlated', () => {
    const first = Array.from({ length: 4000 }, (_, i) => Random.ofStream(1, i).next() - 0.5);
    const product = first.slice(1).map((value, i) => value * first[i]);
    expect(Math.abs(moments(product).mean)).toBeLessThan(3 * (1 / 12 / Math.sqrt(4000)));
  });
});
