import { all, checked, put, putSeries, ramp, valuesOf } from './files';
import { ctSlice, dicomBytes, encapsulated, ENCAPSULATED, int16Bytes, without } from './writeDicom';

const codes = async () => {
  const [loaded] = (await all()).series;
  return checked(loaded).warnings.map(({ code }) => code);
};

describe('a series of several scans', () => {
  it('is read from the files of one of them', async () => {
    putSeries('a', { more: { '00200012 IS': 1 } });
    for (let n = 0; n < 10; n++) {
      const more = { '00200012 IS': 2, '00080018 UI': `1.2.9.${n}`, '00100020 LO': 'B' };
      const z = 51 + 5 * n;
      const elements = ctSlice(z, int16Bytes(ramp(7 * z)), { more });
      put(`b/${n}.dcm`, dicomBytes({ elements }));
    }
    const [loaded] = (await all()).series;
    const series = checked(loaded);
    expect(series.part?.sliceCount).toBe(10);
    expect(series.otherParts).toHaveLength(1);
    expect(await valuesOf(loaded, 3)).toEqual(ramp(70 - 1024));
  });
});

describe('an image among the slices of a series that is none of them', () => {
  const z = 50;
  const pixels = int16Bytes(ramp(z));
  const capture = {
    '00080016 UI': '1.2.840.10008.5.1.4.1.1.7',
    '00080018 UI': '1.2.9.1',
    '00080060 CS': 'OT',
    '00080008 CS': 'DERIVED\\SECONDARY',
  };

  it.each([
    ['000.dcm', 'before'],
    ['zzz.dcm', 'behind'],
  ])('does not speak for the series: %s, %s them', async (name) => {
    putSeries('s', { more: { '00180050 DS': 5 } });
    const header = without(ctSlice(z, pixels, { more: capture }), '00200032 DS', '00200037 DS');
    put(name, dicomBytes({ elements: header }));
    const [{ description }] = (await all()).series;
    expect(description).toMatchObject({ modality: 'CT', sliceThicknessMm: 5 });
    expect(await codes()).toEqual(['images-set-aside']);
  });

  it('is set aside where its pixels cannot be read', async () => {
    putSeries('s');
    const more = { '00080018 UI': '1.2.9.1' };
    const header = without(ctSlice(z, pixels, { more }), '7FE00010 OW');
    const elements = { ...header, [ENCAPSULATED]: encapsulated([Buffer.alloc(40)]) };
    const mpeg = '1.2.840.10008.1.2.4.100';
    put('s/v.dcm', dicomBytes({ elements, transferSyntaxUID: mpeg }));
    const lut = { ...more, '00283000 SQ': [{}] };
    put('s/m.dcm', dicomBytes({ elements: ctSlice(z, pixels, { more: lut }) }));
    expect(await codes()).toEqual(['images-set-aside']);
  });
});
