import { checkStream } from '../../../src/dicom/checkStream';
import { pixelFormatOf } from '../../../src/dicom/pixelFormat';
import { streamSize } from '../../../src/dicom/streamSize';

const FORMAT = pixelFormatOf({
  rows: 512,
  columns: 512,
  bitsAllocated: 16,
  bitsStored: 16,
  highBit: 15,
  pixelRepresentation: 0,
  pixelPaddingValue: null,
  pixelPaddingRangeLimit: null,
});

/** SOC and SIZ of a JPEG 2000 stream of 512 x 512 pixels. */
function codestream({ tile = 512, components = 1 }): Uint8Array {
  const bytes = Buffer.alloc(42 + 3 * components, 1);
  bytes.writeUInt32BE(0xff4fff51, 0);
  bytes.writeUInt16BE(38 + 3 * components, 4);
  [512, 512, 0, 0, tile, tile, 0, 0].forEach((value, i) => bytes.writeUInt32BE(value, 8 + 4 * i));
  bytes.writeUInt16BE(components, 40);
  return bytes;
}

it('reads pixels, tiles and components of a JPEG 2000 stream', () => {
  expect(streamSize(codestream({ tile: 100, components: 3 }))).toEqual({
    rows: 512,
    columns: 512,
    components: 3,
    tiles: 36,
  });
});

it.each([
  ['tiles', { tile: 1 }, '1 components in 262144 tiles'],
  ['tiles of no size', { tile: 0 }, '1 components in Infinity tiles'],
  ['components', { components: 16384 }, '16384 components in 1 tiles'],
])('thousands of %s are refused before the decoder makes room for them', (_, made, said) => {
  expect(() => checkStream('decodeJpeg2000', codestream(made), FORMAT)).toThrow(said);
});
