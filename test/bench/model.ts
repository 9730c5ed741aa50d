import { readdirSync, statSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openModelPackage } from '../../src/model/node';
import { RELEASE } from '../../src/release/release';
import type { Projection } from '../../src/projection/types';
import { DEFAULT_MODEL } from '../../training/tools/paths';
import { seededPicture } from '../../training/export/seededPicture';
import type { Figure } from './main';

const RUNS = 7;
const PLUGIN = join('dist', 'find-l3', RELEASE.version);

/** Model time on one wasm thread in Node by field of view, and what a browser downloads. */
export async function benchModel(): Promise<Figure[]> {
  const figures: Figure[] = [];
  const start = performance.now();
  const model = await openModelPackage(DEFAULT_MODEL);
  figures.push({
    what: 'opening: hash, session and known answer (Node)',
    value: performance.now() - start,
    unit: 'ms',
  });
  const { channels, mmPerPixel } = model.manifest.input;
  for (const [heightMm, widthMm] of [
    [320, 224],
    [640, 224],
    [640, 256],
    [1200, 224],
  ]) {
    const [height, width] = [heightMm / mmPerPixel, widthMm / mmPerPixel];
    const projection: Projection = {
      channels,
      data: seededPicture(1, channels.length, height, width),
      height,
      width,
      mmPerPixel,
      topZMm: 0,
      frontYMm: 0,
      spineXMm: new Float32Array(height),
      inView: new Uint8Array(height).fill(1),
    };
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const begin = performance.now();
      await model.run(projection);
      times.push(performance.now() - begin);
    }
    const what = `field of ${heightMm} x ${widthMm} mm, wasm, ${model.runtime.threads} thread (Node)`;
    figures.push({ what, value: Math.min(...times), unit: 'ms' });
  }
  await model.dispose();
  for (const [what, bytes] of await downloads())
    figures.push({ what, value: bytes / 1e6, unit: 'MB' });
  return figures;
}

async function downloads(): Promise<[string, number][]> {
  const files = readdirSync(PLUGIN, { recursive: true, encoding: 'utf8' })
    .map((name) => join(PLUGIN, name))
    .filter((name) => statSync(name).isFile() && /\.(js|wasm|onnx|json)$/.test(name));
  const groups: [string, RegExp][] = [
    ['download: extension and worker', /(index|worker)\.js$/],
    ['download: ONNX runtime', /[/\\]ort[/\\]/],
    ['download: model', /\.onnx$/],
  ];
  const sizes: [string, number][] = [];
  for (const [what, pattern] of groups) {
    const group = files.filter((name) => pattern.test(name));
    let raw = 0;
    let packed = 0;
    for (const name of group) {
      const bytes = await readFile(name);
      raw += bytes.length;
      packed += gzipSync(bytes).length;
    }
    sizes.push([what, raw], [`${what}, gzip`, packed]);
  }
  return sizes;
}
