import dicomParser from 'dicom-parser';
import { openInput } from '../../src/io/openInput';
import type { Series } from '../../src/series/types';
import {
  ctSlice,
  dicomBytes,
  encapsulated,
  ENCAPSULATED,
  int16Bytes,
  without,
  type DicomSpec,
  type Elements,
  type Value,
} from '../unit/io/writeDicom';
import { readFile, TestFile } from './files';
import { Unexplained, type Kind } from './fuzz';
import { mutatedBytes, ODD_NUMBERS } from './mutate';
import type { Random } from './random';

const FRAMES = 10;
const RAMP = int16Bytes(Array.from({ length: 64 }, (_, i) => i * 3));
const ODD_TEXTS = [
  '',
  ' ',
  '\\',
  '1\\',
  'x',
  '1e400',
  '-1',
  'NaN',
  '9'.repeat(300),
  '1\\2\\3\\4\\5\\6\\7',
];

/** An enhanced CT of ten frames, or one slice. */
function elementsOf(enhanced: boolean, frame: Buffer): Elements {
  const slice = ctSlice(0, enhanced ? Buffer.concat(new Array<Buffer>(FRAMES).fill(frame)) : frame);
  if (!enhanced) return slice;
  return {
    ...without(slice, '00200032 DS'),
    '00280008 IS': FRAMES,
    '52009230 SQ': Array.from({ length: FRAMES }, (_, n) => ({
      '00209113 SQ': [{ '00200032 DS': [0, 0, 6 * n] }],
      '00209116 SQ': [{ '00200037 DS': [1, 0, 0, 0, 1, 0] }],
      '00289110 SQ': [{ '00280030 DS': [2, 3] }],
    })),
  };
}

function odd(name: string, random: Random): Value {
  const vr = name.slice(9, 11);
  if (vr === 'US') return random.pick(ODD_NUMBERS) & 0xffff;
  if (vr === 'SQ') return random.chance(0.5) ? [] : [{}, {}];
  if (vr === 'OW' || vr === 'OB') return Buffer.alloc(random.below(300), random.below(256));
  return random.chance(0.5) ? random.pick(ODD_TEXTS) : String(random.pick(ODD_NUMBERS));
}

/** A file in any encoding with odd attributes, damaged bytes, or both. */
function makeDicom(random: Random): Uint8Array {
  let elements = elementsOf(random.chance(0.6), RAMP);
  for (let n = random.below(3); n > 0; n--) {
    const name = random.pick(Object.keys(elements));
    if (random.chance(0.2)) elements = without(elements, name);
    else elements = { ...elements, [name]: odd(name, random) };
  }
  let spec: DicomSpec = {
    elements,
    encoding: random.pick(['explicit', 'explicit', 'implicit', 'big-endian', 'deflated']),
    part10: random.chance(0.9),
  };
  if (random.chance(0.2)) {
    const fragments = Array.from({ length: random.below(FRAMES + 2) }, () => RAMP);
    const pixels = encapsulated(fragments, random.chance(0.5) ? [0, random.below(900)] : []);
    const transferSyntaxUID = random.pick(['5', '4.90', '4.80', '4.70', '4.201', '1', '2', '9']);
    spec = {
      elements: { ...without(elements, '7FE00010 OW'), [ENCAPSULATED]: pixels },
      transferSyntaxUID: `1.2.840.10008.1.2.${transferSyntaxUID}`,
    };
  }
  const bytes = dicomBytes(spec);
  return random.chance(0.7) ? mutatedBytes(bytes, random, 900) : new Uint8Array(bytes);
}

const file = new TestFile('fuzz.dcm');
const HEALTHY = dicomBytes({ elements: elementsOf(true, RAMP) });

export const DICOM: Kind = {
  name: 'DICOM files',
  count: 10_000,
  make: makeDicom,
  async read(input) {
    const bytes = input as Uint8Array;
    file.write(bytes);
    return readFile(file.path, async (loaded) => {
      const [slice] = loaded.description.slices;
      if (slice) compare(bytes, slice.rows, slice.columns);
    });
  },
  async healthy() {
    file.write(HEALTHY);
    for await (const item of openInput(file.path)) {
      if (item.kind === 'failure') throw new Unexplained(item.message);
      const series = { uid: '', modality: 'CT', sourceIndex: [7] } as unknown as Series;
      const { pixels } = await item.openVoxels(series).readSlice(0);
      if (pixels[5] !== 15) throw new Unexplained('a healthy file is misread');
    }
  },
};

/** Rows and columns of an accepted file beside those of dicomParser, where that reads it. */
function compare(bytes: Uint8Array, rows: number, columns: number): void {
  let theirs;
  try {
    theirs = dicomParser.parseDicom(new Uint8Array(bytes));
  } catch {
    return; // it is stricter
  }
  const other = [theirs.uint16('x00280010'), theirs.uint16('x00280011')];
  if (other[0] === undefined || other[1] === undefined) return;
  if (other[0] !== rows || other[1] !== columns) {
    throw new Unexplained(`${rows} x ${columns} pixels; dicomParser reads ${other.join(' x ')}`);
  }
}
