import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGzip, deflateRawSync, gzipSync } from 'node:zlib';
import { ctSlice, dicomBytes, encapsulated, ENCAPSULATED, without } from '../unit/io/writeDicom';
import { niftiBytes, type NiftiSpec } from '../unit/io/writeNifti';
import type { Figure } from './main';

const MIB = 1024 ** 2;
const RLE = '1.2.840.10008.1.2.5';
const J2K = '1.2.840.10008.1.2.4.90';
const DEFLATED = '1.2.840.10008.1.2.1.99';
/** Tells the largest memory of the process, KiB, and its time on the processor, us, when it ends. */
const TELL_COST = `data:text/javascript,${encodeURIComponent(`
  import { existsSync, readFileSync } from 'node:fs';
  process.on('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    // maxRSS may still be that of the process before exec.
    const own = existsSync('/proc/self/status') && /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
    console.error('COST ' + (own ? own[1] : maxRSS) + ' ' + (userCPUTime + systemCPUTime));
  });`)}`;

/** Files whose headers promise or hold too much, a small healthy one first. */
const HOSTILE: Readonly<Record<string, () => Buffer | Promise<Buffer>>> = {
  'healthy.nii': () => nifti({ size: [24, 24, 24], values: new Float64Array(24 ** 3) }),
  'zeros-behind.nii.gz': () => gzipOf(nifti({ size: [64, 64, 64] }), 3000),
  'zeros-promised.nii.gz': () => gzipOf(nifti({ size: [1000, 1000, 1500] }), 3000),
  'zeros-alone.nii.gz': () => gzipOf(Buffer.alloc(0), 3000),
  'gzip-in-gzip.nii.gz': async () => gzipSync(await gzipOf(Buffer.alloc(0), 1000)),
  'dims-30000.nii.gz': () => gzipSync(nifti({ size: [30000, 30000, 30000] })),
  'dims-30000.nii': () => nifti({ size: [30000, 30000, 30000] }),
  'dims-2-to-40.nii': () => nifti({ size: [2 ** 40, 2 ** 40, 2 ** 40], version: 2 }),
  'metres.nii': () => nifti({ size: [24, 24, 24], values: new Float64Array(24 ** 3), units: 1 }),
  'cube-of-2-m.nii': () =>
    nifti({
      size: [200, 200, 200],
      values: new Float64Array(8e6),
      sform: { code: 1, rows: diagonal(12) },
    }),
  'deflated-tail.dcm': () => deflated(Buffer.concat([plain({}), Buffer.alloc(1900 * MIB)])),
  'deflated-promise.dcm': () =>
    deflated(
      Buffer.concat([
        plain({ '00280010 US': 4096, '00280011 US': 4096, '00280008 IS': 500 }),
        Buffer.alloc(500 * MIB),
      ]),
    ),
  'deflated-endless.dcm': () =>
    deflated(
      Buffer.concat([Buffer.from('0900011055540000ffffff7f', 'hex'), Buffer.alloc(800 * MIB)]),
    ),
  'rows-65535-rle.dcm': () =>
    compressed(RLE, Buffer.alloc(64), { '00280010 US': 65535, '00280011 US': 65535 }),
  'rows-4096-rle.dcm': () =>
    compressed(
      RLE,
      Buffer.concat([Buffer.from([2, 0, 0, 0, 64]), Buffer.alloc(59), Buffer.alloc(64, 0x80)]),
      {
        '00280010 US': 4096,
        '00280011 US': 4096,
      },
    ),
  'frames-2-to-31.dcm': () => compressed(RLE, Buffer.alloc(64), { '00280008 IS': 2147483647 }),
  'tiles.dcm': () => compressed(J2K, codestream(8, 1, 1), {}),
  'components.dcm': () => compressed(J2K, codestream(8, 8, 16384), {}),
  'length.dcm': () =>
    Buffer.concat([dicomBytes({ elements: {} }), Buffer.from('08000500554e0000feffffff', 'hex')]),
  'items.dcm': () => withSequence(Buffer.alloc(40 * MIB, Buffer.from('feff00e000000000', 'hex'))),
  'nesting.dcm': () =>
    withSequence(
      Buffer.alloc(40 * MIB, Buffer.from('feff00e0ffffffff08004011' + '53510000ffffffff', 'hex')),
    ),
  'unknown-nesting.dcm': () =>
    withSequence(
      Buffer.alloc(8 * MIB, Buffer.from('feff00e0ffffffff08004011' + '554e0000ffffffff', 'hex')),
    ),
  'fragments.dcm': () =>
    compressed(
      RLE,
      Buffer.alloc(0),
      {},
      Buffer.alloc(40 * MIB, Buffer.from('feff00e000000000', 'hex')),
    ),
  'positions.dcm': () =>
    dicomBytes({
      elements: without(
        ctSlice(0, Buffer.alloc(128), { more: { '00200032 UT': '1\\'.repeat(30e6) } }),
        '00200032 DS',
      ),
    }),
};

/** What find-l3 costs for each hostile file. */
export async function benchHostile(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'find-l3-hostile-'));
  const figures: Figure[] = [];
  try {
    for (const [name, make] of Object.entries(HOSTILE)) {
      const path = join(folder, name);
      await writeFile(path, await make());
      const { seconds, peakMiB, said } = await search(path);
      await rm(path);
      console.log(`  ${name}: ${said.replaceAll(`${folder}/`, '')}`);
      figures.push({ what: `${name}: time on the processor`, value: seconds, unit: 's' });
      figures.push({ what: `${name}: memory at most`, value: peakMiB, unit: 'MiB' });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return figures;
}

function search(path: string): Promise<{ seconds: number; peakMiB: number; said: string }> {
  const child = spawn(process.execPath, ['--import', TELL_COST, 'src/cli/find-l3.mjs', path]);
  let all = '';
  child.stdout.on('data', (text) => (all += text));
  child.stderr.on('data', (text) => (all += text));
  return new Promise((done) =>
    child.on('close', () => {
      const [, peak, busy] = (/COST (\d+) (\d+)/.exec(all) ?? []).map(Number);
      const said =
        all
          .split('\n')
          .find((line) => /refused|undetermined|: (is|says|holds|the|its)/.test(line)) ?? all;
      done({ seconds: busy / 1e6, peakMiB: peak / 1024, said: said.slice(0, 200) });
    }),
  );
}

function diagonal(mm: number) {
  return [
    [mm, 0, 0, 0],
    [0, mm, 0, 0],
    [0, 0, mm, 0],
  ];
}

function nifti(spec: Partial<NiftiSpec> & Pick<NiftiSpec, 'size'>): Buffer {
  return niftiBytes({
    datatype: 'int16',
    values: [],
    sform: { code: 1, rows: diagonal(1.5) },
    ...spec,
  });
}

/** A gzip of some bytes and so many MiB of zeros behind them. */
async function gzipOf(beginning: Buffer, zerosMiB: number): Promise<Buffer> {
  const gzip = createGzip();
  const parts: Buffer[] = [];
  gzip.on('data', (part: Buffer) => parts.push(part));
  const write = (bytes: Buffer) => new Promise<void>((done) => gzip.write(bytes, () => done()));
  await write(beginning);
  const zeros = Buffer.alloc(MIB);
  for (let i = 0; i < zerosMiB; i++) await write(zeros);
  await new Promise<void>((done) => gzip.end(() => done()));
  return Buffer.concat(parts);
}

function plain(more: Readonly<Record<string, number>>): Buffer {
  return dicomBytes({ elements: ctSlice(0, Buffer.alloc(128), { more }), part10: false });
}

function deflated(body: Buffer): Buffer {
  const meta = dicomBytes({ elements: {}, transferSyntaxUID: DEFLATED });
  return Buffer.concat([meta, deflateRawSync(body, { level: 1 })]);
}

function compressed(
  transferSyntaxUID: string,
  stream: Buffer,
  more: Readonly<Record<string, number>>,
  pixels = encapsulated([stream]),
): Buffer {
  const header = without(ctSlice(0, Buffer.alloc(0), { more }), '7FE00010 OW');
  return dicomBytes({ elements: { ...header, [ENCAPSULATED]: pixels }, transferSyntaxUID });
}

function withSequence(bytes: Buffer): Buffer {
  const head = Buffer.from('0800401153510000ffffffff', 'hex');
  return Buffer.concat([dicomBytes({ elements: {} }), head, bytes]);
}

/** The beginning of a JPEG 2000 stream of so many pixels, tile size and components. */
function codestream(size: number, tile: number, components: number): Buffer {
  const siz = Buffer.alloc(40);
  [size, size, 0, 0, tile, tile, 0, 0].forEach((value, i) => siz.writeUInt32BE(value, 4 + 4 * i));
  siz.writeUInt16BE(38 + 3 * components, 0);
  siz.writeUInt16BE(components, 36);
  return Buffer.concat([
    Buffer.from('ff4fff51', 'hex'),
    siz.subarray(0, 38),
    Buffer.alloc(3 * components, 1),
  ]);
}
