import type { Random } from './random';

/** Numbers at which readers stumble. */
export const ODD_NUMBERS: readonly number[] = [
  0,
  1,
  -1,
  2,
  3,
  7,
  8,
  16,
  127,
  128,
  255,
  256,
  32767,
  32768,
  65535,
  65536,
  1e6,
  2147483647,
  -2147483648,
  4294967295,
  2 ** 53,
  1e38,
  -1e38,
  1e-38,
  1e-6,
  0.5,
  NaN,
  Infinity,
  -Infinity,
];

/**
 * A copy of bytes with one to four faults: other bytes, bits, numbers, stretches moved, doubled, left
 * out or made alike, an early end, a tail.
 *
 * @param header bytes at the beginning in which half the faults are made.
 */
export function mutatedBytes(bytes: Uint8Array, random: Random, header = bytes.length): Uint8Array {
  let made = Buffer.from(bytes);
  for (let fault = 1 + random.below(4); fault > 0 && made.length > 0; fault--) {
    const reach = random.chance(0.5) ? Math.min(header, made.length) : made.length;
    const at = random.below(reach);
    const end = Math.min(made.length, at + 1 + random.below(random.pick([4, 32, 512])));
    switch (random.below(9)) {
      case 0:
      case 1:
        made[at] = random.pick([0, 1, 0x7f, 0x80, 0xfe, 0xff, random.below(256)]);
        break;
      case 2:
        made[at] ^= 1 << random.below(8);
        break;
      case 3:
        if (at + 4 <= made.length) made.writeInt32LE(random.pick(ODD_NUMBERS) | 0, at);
        break;
      case 4:
        made.fill(random.pick([0, 0xff, 0x20, random.below(256)]), at, end);
        break;
      case 5:
        made = Buffer.concat([made.subarray(0, at), made.subarray(end)]);
        break;
      case 6:
        made = Buffer.concat([made.subarray(0, end), made.subarray(at)]);
        break;
      case 7:
        made = made.subarray(0, random.chance(0.5) ? at : random.below(made.length));
        break;
      case 8:
        made = Buffer.concat([made, Buffer.alloc(random.below(600), random.below(256))]);
        break;
    }
  }
  return new Uint8Array(made);
}

const ODD_VALUES: readonly unknown[] = [
  null,
  undefined,
  true,
  '',
  ' ',
  'x',
  '\0',
  '1\\2\\3',
  'a'.repeat(5000),
  '__proto__',
  '-0',
  '1e999',
  [],
  [[]],
  [null],
  {},
  { Value: null },
  { length: 1e9 },
  ...ODD_NUMBERS,
];

/** A copy of a tree of values (JSON, a data set) with one to four of its values changed. */
export function mutatedTree<T>(tree: T, random: Random): T {
  const made = structuredClone(tree);
  for (let fault = 1 + random.below(4); fault > 0; fault--) {
    const places = placesIn(made);
    if (places.length === 0) break;
    const { parent, key } = random.pick(places);
    switch (random.below(5)) {
      case 0:
        if (Array.isArray(parent)) parent.splice(Number(key), 1);
        else delete parent[key];
        break;
      case 1:
        parent[key] = structuredClone(random.pick(places).parent);
        break;
      case 2:
        parent[key] = [parent[key], structuredClone(parent[key])];
        break;
      default:
        parent[key] = structuredClone(random.pick(ODD_VALUES));
    }
  }
  return made;
}

type Parent = Record<string, unknown>;

function placesIn(tree: unknown, depth = 0): { readonly parent: Parent; readonly key: string }[] {
  if (typeof tree !== 'object' || tree === null || depth > 24) return [];
  return Object.keys(tree).flatMap((key) => {
    const parent = tree as Parent;
    return [{ parent, key }, ...placesIn(parent[key], depth + 1)];
  });
}
