import { all, at, checked, folder, put, putSeries, ramp, valuesOf } from './files';
import { ctSlice, dicomBytes, int16Bytes } from './writeDicom';
import type { Elements, Encoding } from './writeDicom';

describe('a series of files', () => {
  it.each<Encoding>(['implicit', 'explicit', 'big-endian', 'deflated'])(
    'is read in its geometry, encoded %s',
    async (encoding) => {
      for (let n = 0; n < 10; n++) {
        const z = 100 - 5 * n;
        const bytes = int16Bytes(ramp(z, -3));
        if (encoding === 'big-endian') bytes.swap16();
        put(`s/${n}.dcm`, dicomBytes({ elements: ctSlice(z, bytes), encoding }));
      }
      const { series, failures } = await all();
      expect(failures).toEqual([]);
      expect(series).toHaveLength(1);
      expect(series[0]).toMatchObject({
        input: folder.path,
        path: at('s'),
        modalityGuessed: false,
      });
      const ordered = checked(series[0]);
      expect(ordered).toMatchObject({ uid: '1.2.3.4', modality: 'CT', plane: 'axial' });
      expect(ordered.frameOfReferenceUID).toBe('1.2.3.9');
      expect(ordered.slices[0]).toMatchObject({
        position: [-20, -30, 55],
        rowSpacing: 5,
        columnSpacing: 4,
        rows: 8,
        columns: 8,
      });
      // Slice 0 of the ordered series is the lowest one, the last file.
      expect(await valuesOf(series[0], 0)).toEqual(ramp(55 - 1024, -3));
      expect(await valuesOf(series[0], 9)).toEqual(ramp(100 - 1024, -3));
    },
  );

  it('is read without preamble and meta information', async () => {
    putSeries('old', { spec: { part10: false, encoding: 'implicit' } });
    const { series } = await all();
    expect(await valuesOf(series[0], 0)).toEqual(ramp(55 - 1024));
  });

  it('is read although rubbish follows its pixel data', async () => {
    putSeries('s', { spec: { trailer: Buffer.from('rubbish behind the end') } });
    const { series, failures } = await all();
    expect(failures).toEqual([]);
    expect(await valuesOf(series[0], 3)).toEqual(ramp(70 - 1024));
  });

  it('is read where its pixels lie by then, and not where its headers had put them', async () => {
    putSeries('s');
    const { series } = await all();
    putSeries('s', { more: { '00104000 LT': 'a note that moves the pixels' } });
    expect(await valuesOf(series[0], 0)).toEqual(ramp(55 - 1024));
  });

  it('describes what a check needs to know', async () => {
    const more = {
      '00200100 IS': '3',
      '00200012 IS': '7',
      '00180086 IS': '2',
      '00280004 CS': 'MONOCHROME1',
      '00100020 LO': 'P1',
      '00180050 DS': '4.5',
      '00180081 DS': '2.3',
      '00181060 DS': '400',
      '00181210 SH': 'B30f',
      '00080022 DA': '20250101',
      '00080032 TM': '091500',
      '00200013 IS': '12',
    };
    put('one.dcm', dicomBytes({ elements: ctSlice(5, int16Bytes(ramp(0)), { more }) }));
    const { series } = await all(at('one.dcm'));
    expect(series[0].path).toBe(at('one.dcm'));
    expect(series[0].description.slices).toEqual([
      {
        sopInstanceUID: '1.2.3.4.100050',
        sopClassUID: '1.2.840.10008.5.1.4.1.1.2',
        frameNumber: null,
        numberOfFrames: 1,
        imagePositionPatient: [-20, -30, 5],
        imageOrientationPatient: [1, 0, 0, 0, 1, 0],
        pixelSpacing: [5, 4],
        rows: 8,
        columns: 8,
        samplesPerPixel: 1,
        photometricInterpretation: 'MONOCHROME1',
        bitsAllocated: 16,
        imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
        temporalPositionIdentifier: 3,
        acquisitionNumber: 7,
        echoNumber: 2,
        pixelFault: null,
        hasModalityLut: false,
        studyInstanceUID: '1.2.3',
        patientID: 'P1',
        frameOfReferenceUID: '1.2.3.9',
        sliceThickness: 4.5,
        echoTime: 2.3,
        triggerTime: 400,
        convolutionKernel: 'B30f',
        acquisitionTime: '20250101091500',
        instanceNumber: 12,
      },
    ]);
  });
});

describe('stored values', () => {
  const read = async (more: Elements, pixels: Buffer, encoding: Encoding = 'explicit') => {
    for (let n = 0; n < 10; n++) {
      const elements = ctSlice(5 * n, pixels, { more });
      put(`v/${n}.dcm`, dicomBytes({ elements, encoding }));
    }
    return valuesOf((await all(at('v'))).series[0], 4);
  };
  const first = (values: number[]) => [...values, ...ramp(0)].slice(0, 64);

  it('of 8 bits, unsigned', async () => {
    const more = { '00280100 US': 8, '00280101 US': 8, '00280102 US': 7, '00280103 US': 0 };
    const values = first([0, 255, 128]);
    expect(await read(more, Buffer.from(values))).toEqual(values.map((v) => v - 1024));
  });

  it('of 8 bits in big-endian words', async () => {
    const more = { '00280100 US': 8, '00280101 US': 8, '00280102 US': 7, '00280103 US': 0 };
    const values = first([1, 2, 3, 4]);
    const words = Buffer.from(values).swap16();
    expect(await read(more, words, 'big-endian')).toEqual(values.map((v) => v - 1024));
  });

  it('of 32 bits, signed', async () => {
    const more = { '00280100 US': 32, '00280101 US': 32, '00280102 US': 31 };
    const values = first([-100000, 2147483647]);
    const bytes = Buffer.alloc(256);
    values.forEach((v, i) => bytes.writeInt32LE(v, 4 * i));
    expect(await read(more, bytes)).toEqual(values.map((v) => v - 1024));
  });

  it('of 12 bits in 16 are sign-extended, and freed of what lies above', async () => {
    const signed = { '00280101 US': 12, '00280102 US': 11 };
    const pixels = int16Bytes(first([0x0fff, 0x0800, 0xf001, 0x7000]));
    const low = ramp(0).map((v) => v - 1024);
    expect(await read(signed, pixels)).toEqual([-1025, -3072, -1023, -1024, ...low].slice(0, 64));
    const unsigned = { ...signed, '00280103 US': 0 };
    expect(await read(unsigned, pixels)).toEqual([3071, 1024, -1023, -1024, ...low].slice(0, 64));
  });

  it('at a high bit above the stored bits are moved down', async () => {
    const more = { '00280101 US': 12, '00280102 US': 15, '00280103 US': 0 };
    const values = ramp(1000);
    expect(await read(more, int16Bytes(values.map((v) => v * 16 + 5)))).toEqual(
      values.map((v) => v - 1024),
    );
  });

  it('are rescaled', async () => {
    const more = { '00281053 DS': '0.25', '00281052 DS': '-8.192E+02' };
    const values = await read(more, int16Bytes(ramp(8)));
    ramp(8).forEach((v, i) => expect(values[i]).toBeCloseTo(v / 4 - 819.2, 10));
  });

  it('that are padding become air where they cannot be tissue', async () => {
    const values = first([-2000, 32000, 32001, 500]);
    const low = { '00280120 SS': -2000 };
    const bright = { '00280120 SS': 32000, '00280121 SS': 32001 };
    const tissue = { '00280120 SS': 500 };
    const pixels = int16Bytes(values);
    expect((await read(low, pixels)).slice(0, 4)).toEqual([-1024, 30976, 30977, -524]);
    expect((await read(bright, pixels)).slice(0, 4)).toEqual([-3024, -1024, -1024, -524]);
    expect((await read(tissue, pixels)).slice(0, 4)).toEqual([-3024, 30976, 30977, -524]);
  });
});
