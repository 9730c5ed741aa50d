import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import dcmjsCodecs from 'dcmjs-codecs';
import type { CliHost } from '../../../src/cli/host';
import type { LevelModel } from '../../../src/model/types';
import { columnModel, columnSource } from '../finder/columnSeries';
import {
  ctSlice,
  dicomBytes,
  encapsulated,
  ENCAPSULATED,
  int16Bytes,
  without,
} from '../io/writeDicom';
import type { Elements } from '../io/writeDicom';
import { niftiBytes } from '../io/writeNifti';

/** A fresh folder for each test of a file. */
export const folder = { path: '' };
beforeEach(() => {
  folder.path = mkdtempSync(join(tmpdir(), 'find-l3-cli-'));
});
afterEach(() => rmSync(folder.path, { recursive: true }));

export const at = (name: string) => join(folder.path, name);

export function put(name: string, content: Buffer | string): void {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), content);
}

const SIZE = 32;
const LOWEST_Z = -290;
const STEP = 4;
export const SLICES = 70;
/** SOP Instance UID of the slice at z, in a series with this UID. */
export const sopAt = (series: string, z: number) => `${series}.${Math.round(z * 10) + 100000}`;

async function storedPixels(): Promise<ArrayLike<number>> {
  return (await columnSource().readSlice(0)).pixels;
}

/** The pixel data of a slice in JPEG 2000. */
async function jpeg2000(bytes: Buffer): Promise<Elements> {
  const { Context, NativeCodecs } = dcmjsCodecs;
  await NativeCodecs.initializeAsync();
  const context = new Context({
    width: SIZE,
    height: SIZE,
    bitsAllocated: 16,
    bitsStored: 16,
    samplesPerPixel: 1,
    pixelRepresentation: 1,
    planarConfiguration: 0,
    photometricInterpretation: 'MONOCHROME2',
    decodedBuffer: new Uint8Array(bytes),
  });
  const encoded = NativeCodecs.encodeJpeg2000(context).getEncodedBuffer() ?? [];
  return { [ENCAPSULATED]: encapsulated([Buffer.from(encoded)]) };
}

/** The made-up patient of the finder's tests as DICOM files, written from head to foot. */
export async function putPatient(
  under: string,
  { series = '1.2.3.4', count = SLICES, more = {} as Elements, compressed = false } = {},
): Promise<void> {
  const bytes = int16Bytes(await storedPixels());
  const frame = compressed ? await jpeg2000(bytes) : null;
  const transferSyntaxUID = frame ? '1.2.840.10008.1.2.4.90' : undefined;
  for (let n = 0; n < count; n++) {
    const z = LOWEST_Z + STEP * (SLICES - 1 - n);
    const elements = ctSlice(z, bytes, {
      rows: SIZE,
      columns: SIZE,
      series,
      more: { '00200032 DS': [-160, -160, z], '00280030 DS': [10, 10], ...more },
    });
    const written = frame ? { ...without(elements, '7FE00010 OW'), ...frame } : elements;
    const file = dicomBytes({ elements: written, ...(transferSyntaxUID && { transferSyntaxUID }) });
    put(`${under}/${String(n).padStart(3, '0')}.dcm`, file);
  }
}

/** The same patient as one NIfTI file, axes left, back, head. */
export async function putPatientNifti(name: string): Promise<void> {
  const slice = Array.from(await storedPixels(), (v: number) => v - 1024);
  put(
    name,
    niftiBytes({
      size: [SIZE, SIZE, SLICES],
      datatype: 'int16',
      values: Array.from({ length: SLICES }, () => slice).flat(),
      sform: {
        code: 1,
        rows: [
          [-10, 0, 0, 160],
          [0, -10, 0, 160],
          [0, 0, STEP, LOWEST_Z],
        ],
      },
    }),
  );
}

/** A stand-in for the terminal, and for the model. */
export function fakeHost(changes: Partial<CliHost> = {}) {
  const taken = { stdout: '', stderr: '' };
  const collect = (name: 'stdout' | 'stderr') => {
    const stream = new PassThrough();
    stream.on('data', (chunk: Buffer) => (taken[name] += chunk.toString()));
    return stream;
  };
  const opened: string[] = [];
  const host: CliHost = {
    stdout: collect('stdout'),
    stderr: collect('stderr'),
    defaultModel: 'default-model',
    openModel: async (directory): Promise<LevelModel> => {
      opened.push(directory);
      return columnModel();
    },
    workerScript: 'no worker',
    env: {},
    signal: new AbortController().signal,
    ...changes,
  };
  return { host, taken, opened };
}
