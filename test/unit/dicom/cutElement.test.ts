import { parseDataSet } from '../../../src/dicom/parseDataSet';

const EXPLICIT = { explicit: true, littleEndian: true };

/** An element of 32-bit length whose bytes end within that length, where an item is due. */
const CUT = '08000500554e0000';

it.each([
  ['a sequence without length', '0800401153510000ffffffff'],
  ['compressed pixels', 'e07f10004f420000ffffffff'],
])('%s that holds the beginning of an element in place of an item is cut', (_, head) => {
  for (const tail of ['', '0000', '00000000']) {
    const bytes = Buffer.from(head + CUT + tail, 'hex');
    expect(parseDataSet(bytes, EXPLICIT).end).toBe('cut');
  }
});

it('a sequence of known length that holds it has no items', () => {
  const { dataSet, end } = parseDataSet(
    Buffer.from(`08004011535100000c000000${CUT}00000000`, 'hex'),
    EXPLICIT,
  );
  expect(end).toBe('complete');
  expect(dataSet.items('x00081140')).toEqual([]);
});
