import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { decode } from 'fast-png';
import { RELEASE } from '../../../src/release/release';
import { main } from '../../../src/cli/main';
import { ModelError } from '../../../src/model/modelError';
import { columnModel, COLUMN_X, COLUMN_Y, LEVEL_Z } from '../finder/columnSeries';
import { LINE_KEYS } from '../finder/lineKeys';
import { ctSlice, dicomBytes, encapsulated, ENCAPSULATED, without } from '../io/writeDicom';
import { at, fakeHost, folder, put, putPatient, putPatientNifti, SLICES, sopAt } from './patient';

jest.setTimeout(60_000);

interface Line {
  readonly input: string;
  readonly path: string;
  readonly slices: number;
  readonly seriesInstanceUID: string | null;
  readonly status: string;
  readonly reason: { code: string; message: string; advice: string } | null;
  readonly l3: { z_mm: number; point_lps_mm: number[]; slice_index: number } | null;
  readonly levels: { name: string; z_mm: number }[];
  readonly [key: string]: unknown;
}

/** Runs the command; stdout must be lines of JSON and nothing else. */
async function json(args: string[], changes: Parameters<typeof fakeHost>[0] = {}) {
  const { host, taken, opened } = fakeHost(changes);
  const status = await main([...args, '--json'], host);
  const lines = taken.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
  return { status, lines, stderr: taken.stderr, opened };
}

describe('--json', () => {
  it('answers with the fixed keys, in patient mm and on the right slice', async () => {
    await putPatient('ct');
    const { status, lines, opened } = await json([at('ct')]);
    expect(status).toBe(0);
    expect(opened).toEqual(['default-model']);
    expect(lines).toHaveLength(1);
    const [line] = lines;
    expect(Object.keys(line)).toEqual(LINE_KEYS);
    expect(line).toMatchObject({
      input: at('ct'),
      seriesInstanceUID: '1.2.3.4',
      modality: 'CT',
      status: 'found',
      reason: null,
      // -158 lies on the slice 33 above the lowest (-290 + 4 * 33), files run from head to foot
      schema: 2,
      software: { name: RELEASE.name, version: RELEASE.version },
      path: at('ct/000.dcm'),
      studyInstanceUID: '1.2.3',
      slices: SLICES,
      slice_thickness_mm: null,
      part: null,
      warnings: [],
      counted_from: 'sacrum',
      l3: {
        sopInstanceUID: sopAt('1.2.3.4', -158),
        slice_index: 33,
        slice_number: 37,
        slice_z_mm: -158,
        frame_number: null,
      },
      model: { name: 'tiny' },
    });
    expect(Object.keys(line.l3 ?? {})).toEqual([
      'z_mm',
      'point_lps_mm',
      'sopInstanceUID',
      'slice_index',
      'slice_number',
      'slice_z_mm',
      'frame_number',
      'probability',
      'sd_mm',
    ]);
    expect(Object.keys(line.timing_ms as object)).toEqual(['read', 'project', 'model', 'decode']);
    const [x, y, z] = line.l3?.point_lps_mm ?? [];
    expect(Math.abs(z - -158)).toBeLessThan(1.5);
    expect(Math.abs(x - COLUMN_X)).toBeLessThan(5);
    expect(Math.abs(y - COLUMN_Y)).toBeLessThan(2);
    expect(line.levels.map(({ name }) => name)).toEqual(LEVEL_Z.map(([name]) => name));
  });

  it('takes NIfTI, whose modality is told to be a guess', async () => {
    await putPatientNifti('scan.nii');
    const { status, lines, stderr } = await json([at('scan.nii')]);
    expect(status).toBe(0);
    expect(lines[0]).toMatchObject({
      seriesInstanceUID: at('scan.nii'),
      modality: 'CT',
      status: 'found',
      l3: { sopInstanceUID: null, slice_index: 33 },
    });
    expect(Math.abs((lines[0].l3?.z_mm ?? NaN) - -158)).toBeLessThan(1.5);
    expect(stderr).toMatch(/CT was inferred from its values/);
    const stated = await json([at('scan.nii'), '--modality', 'MR']);
    expect(stated.lines[0].modality).toBe('MR');
    expect(stated.stderr).not.toMatch(/inferred/);
  });

  it('gives one line a series in the order found, refused and undetermined ones included', async () => {
    await putPatient('a/few', { series: '1.2.1', count: 3 });
    await putPatient('b/good', { series: '1.2.2' });
    await putPatient('c/ultrasound', { series: '1.2.3', more: { '00080060 CS': 'US' } });
    const { status, lines } = await json([at('c'), folder.path]);
    expect(status).toBe(0);
    expect(
      lines.map(({ input, seriesInstanceUID, status: s, reason, l3 }) => [
        input,
        seriesInstanceUID,
        s,
        reason?.code ?? null,
        l3 !== null,
      ]),
    ).toEqual([
      [at('c'), '1.2.3', 'refused', 'unsupported-modality', false],
      [folder.path, '1.2.1', 'refused', 'too-few-slices', false],
      [folder.path, '1.2.2', 'found', null, true],
      [folder.path, '1.2.3', 'refused', 'unsupported-modality', false],
    ]);
    const blind = await json([at('b')], { openModel: async () => columnModel({ blind: true }) });
    expect(blind.status).toBe(0);
    expect(blind.lines[0]).toMatchObject({ status: 'undetermined', l3: null });
    expect(blind.lines[0].reason?.advice).not.toBe('');
  });

  it('goes on after what cannot be read, and ends with 1', async () => {
    await putPatient('good');
    put('bad.dcm', 'no image');
    const { status, lines, stderr } = await json([at('nowhere'), folder.path]);
    expect(status).toBe(1);
    expect(lines.map(({ status: said, path, reason }) => [said, path, reason?.code])).toEqual([
      ['failed', at('nowhere'), 'unreadable'],
      ['failed', at('bad.dcm'), 'unreadable'],
      ['found', at('good/000.dcm'), undefined],
    ]);
    expect(lines[1]).toMatchObject({ seriesInstanceUID: null, slices: 0, l3: null });
    expect(lines[1].reason?.advice).not.toBe('');
    expect(stderr).toContain(`find-l3: ${at('nowhere')}: does not exist. `);
    expect(stderr).toContain(`find-l3: ${at('bad.dcm')}: is neither a DICOM nor a NIfTI image. `);
  });

  it('fails for a series whose pixels turn out damaged, naming the file, and goes on', async () => {
    for (let n = 0; n < 12; n++) {
      const header = without(ctSlice(5 * n, Buffer.alloc(0)), '7FE00010 OW');
      const elements = { ...header, [ENCAPSULATED]: encapsulated([Buffer.alloc(40, 1)]) };
      put(`a/${n}.dcm`, dicomBytes({ elements, transferSyntaxUID: '1.2.840.10008.1.2.4.90' }));
    }
    await putPatient('b', { series: '1.2.2' });
    const { status, lines, stderr } = await json([folder.path]);
    expect(status).toBe(1);
    expect(lines.map((line) => [line.status, line.reason?.code, line.slices])).toEqual([
      ['failed', 'unreadable', 12],
      ['found', undefined, SLICES],
    ]);
    expect(lines[0].reason?.message).toMatch(/a.\d+\.dcm: frame 1 cannot be read/);
    expect(stderr).toMatch(/find-l3: .*a\/\d+\.dcm: frame 1 cannot be read/);
  });

  it('says on stderr how many files were passed over', async () => {
    await putPatient('ct');
    put('ct/notes.txt', 'text');
    const { stderr } = await json([at('ct')]);
    expect(stderr).toContain(`${at('ct')}: passed over 1 file that is no image\n`);
    expect(stderr).toContain(`  ${at('ct/notes.txt')}: neither a DICOM nor a NIfTI image\n`);
  });
});

describe('without --json', () => {
  it('tells a person all that matters', async () => {
    await putPatient('ct');
    const { host, taken } = fakeHost();
    expect(await main([at('ct')], host)).toBe(0);
    expect(taken.stdout).toMatch(
      /series 1\.2\.3\.4 \(CT, 70 axial slices, 4\.0 mm apart\)\n {2}L3 at z = -15[789]\.\d mm/,
    );
    expect(taken.stdout).toMatch(/slice 34 of 70, counted from the foot end/);
    expect(taken.stdout).toContain(sopAt('1.2.3.4', -158));
    expect(taken.stdout).toMatch(/Not for diagnostic use\.\n$/);
  });

  it('tells why a series is refused', async () => {
    await putPatient('ct', { count: 2 });
    const { host, taken } = fakeHost();
    expect(await main([at('ct')], host)).toBe(0);
    expect(taken.stdout).toMatch(/refused \(too-few-slices\): The series has too few slices/);
  });
});

describe('--out', () => {
  it('draws every series that was looked at under a name of its own', async () => {
    await putPatient('one', { series: '1.2.1' });
    await putPatientNifti('x/sc an.nii');
    await putPatientNifti('y/sc an.nii');
    await putPatient('few', { series: '1.2.9', count: 2 });
    const { status } = await json([folder.path, '--out', at('pictures/here')]);
    expect(status).toBe(0);
    const names = readdirSync(at('pictures/here'));
    expect(names).toEqual(['CT-1.2.1.png', 'CT-sc_an-2.png', 'CT-sc_an.png']);
    for (const name of names) {
      const png = decode(readFileSync(at(`pictures/here/${name}`)));
      expect(png.width).toBeGreaterThan(200);
      expect(new Set(png.data).size).toBeGreaterThan(5);
    }
  });

  it('that cannot be made stops before any work', async () => {
    put('file', 'in the way');
    await putPatient('ct');
    const { status, lines, stderr, opened } = await json([at('ct'), '--out', at('file/sub')]);
    expect(status).toBe(1);
    expect(lines).toEqual([]);
    expect(opened).toEqual([]);
    expect(stderr).toMatch(/find-l3: .*file\/sub: the folder for the pictures cannot be made/);
  });
});

describe('usage', () => {
  it.each([
    ['no path', []],
    ['an unknown option', ['x', '--wrong']],
    ['an unknown modality', ['x', '--modality', 'PT']],
    ['a model that is no folder', ['x', '--model', 'package.json']],
  ])('%s: exit 2 and a line on stderr', async (_, args) => {
    const { status, lines, stderr, opened } = await json(args);
    expect(status).toBe(2);
    expect(lines).toEqual([]);
    expect(opened).toEqual([]);
    expect(stderr).not.toBe('');
  });

  it('--version: the package’s, on stdout, exit 0', async () => {
    const { host, taken } = fakeHost();
    expect(await main(['--version'], host)).toBe(0);
    expect(taken.stdout).toBe(`${RELEASE.version} (commit ${RELEASE.commit})\n`);
  });

  it('--help: on stdout, exit 0', async () => {
    const { host, taken } = fakeHost();
    expect(await main(['--help'], host)).toBe(0);
    expect(taken.stdout).toMatch(/Usage: find-l3/);
    expect(taken.stdout).toMatch(/--json[^]*--model[^]*--out[^]*--modality/);
  });

  it('a model that cannot be opened: exit 1 with its fault, and nothing on stdout', async () => {
    await putPatient('ct');
    const { status, lines, stderr, opened } = await json([at('ct'), '--model', folder.path], {
      openModel: async () => {
        throw new ModelError('checksum', 'model.onnx is not the file its manifest describes');
      },
    });
    expect([status, lines, opened]).toEqual([1, [], []]);
    expect(stderr).toContain('find-l3: model.onnx is not the file its manifest describes');
  });

  it('--model names the package that is used', async () => {
    await putPatient('ct');
    expect((await json([at('ct'), '--model', folder.path])).opened).toEqual([folder.path]);
  });
});

describe('an interrupt', () => {
  it('while slices are read ends with 130, no line and no picture', async () => {
    await putPatient('ct');
    const stop = new AbortController();
    const model = columnModel();
    const { status, lines } = await json([at('ct'), '--out', at('out')], {
      signal: stop.signal,
      openModel: async () => ({
        ...model,
        run: (projection, signal) => {
          stop.abort();
          return model.run(projection, signal);
        },
      }),
    });
    expect(status).toBe(130);
    expect(lines).toEqual([]);
    expect(existsSync(at('out')) ? readdirSync(at('out')) : []).toEqual([]);
  });
});
