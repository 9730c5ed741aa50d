import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { version } from '../../package.json';

const FOLDER = join('dist', 'find-l3', version);
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const { contains } = JSON.parse(read('manifest.json')) as { readonly contains: readonly string[] };

test('every package in the extension is named with the text of its licence', () => {
  const text = read('THIRD-PARTY-LICENSES.txt');
  for (const one of contains) {
    const head = `\n${one.replace(/@(?=[^@]*$)/, ' ')}\nLicence: `;
    const [, section = ''] = text.split(head);
    const [own] = section.split(`\n${'-'.repeat(72)}\n`);
    expect([one, own]).toEqual([one, expect.stringMatching(/Copyright[\s\S]*WARRANT/i)]);
  }
  expect(contains.map((one) => one.replace(/@[^@]*$/, ''))).toEqual(
    expect.arrayContaining(['onnxruntime-web', 'react', 'react-dom', 'i18next', 'valibot']),
  );
});

test('the ONNX runtime comes with its own notices: WebAssembly holds code of many', () => {
  const text = read('THIRD-PARTY-LICENSES.txt');
  expect(text).toContain('Copyright (c) Microsoft Corporation');
  for (const part of ['protobuf', 'abseil', 'eigen', 'flatbuffers', 'emscripten']) {
    expect(text.toLowerCase()).toContain(part.toLowerCase());
  }
});

test('the bill of materials names what is in the extension and what the command line needs, no more', () => {
  const script = `
    import { billOfMaterials } from './scripts/sbom.mjs';
    console.log(JSON.stringify(billOfMaterials('.', ${JSON.stringify(contains)})));`;
  const bill = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }),
  ) as { readonly bomFormat: string; readonly components: { readonly 'bom-ref': string }[] };
  expect(bill.bomFormat).toBe('CycloneDX');
  const refs = bill.components.map((component) => component['bom-ref']);
  expect(refs).toEqual(expect.arrayContaining([...contains]));
  const names = refs.map((ref) => ref.replace(/@[^@]*$/, ''));
  // Below tsx and dcmjs-codecs, though the project itself uses them for development only.
  expect(names).toEqual(expect.arrayContaining(['tsx', 'esbuild', 'dcmjs']));
  expect(names.filter((name) => /^(jest|webpack|eslint|typescript)/.test(name))).toEqual([]);
});
