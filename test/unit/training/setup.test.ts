import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Machine, RunOptions, RunResult } from '../../../training/setup/machine';
import { setUpTensorFlow, type Places } from '../../../training/setup/tensorflowLibrary';
import { CPU, GPU, type Wheel } from '../../../training/setup/variants';
import { cudaLibraries, fetchWheel } from '../../../training/setup/wheels';

const GB = 1e9;
const WHEEL = Buffer.from('a wheel');
const GOOD_HASH = createHash('sha256').update(WHEEL).digest('hex');

/** A computer whose programs do what the test says. */
class FakeMachine implements Machine {
  platform: NodeJS.Platform = 'linux';
  arch = 'x64';
  kernel = '6.1.0';
  /** What an index says of a project, by its address. */
  index: Record<string, string> = {};
  free = 100 * GB;
  online = false;
  programs = ['python3', 'make', 'g++'];
  /** Whether the library computes. */
  works = false;
  onGpu = false;
  compiles = { status: 0, stdout: '', stderr: '' };
  /** What pip puts in place, by file name; null: it fails. */
  pip: ((file: string) => Buffer | null) | null = () => WHEEL;
  readonly calls: string[] = [];
  readonly environments: NodeJS.ProcessEnv[] = [];
  readonly said: string[] = [];

  constructor(private readonly files: readonly string[]) {}

  run(program: string, args: readonly string[], options: RunOptions = {}): RunResult {
    const call = [program === process.execPath ? 'node' : program, ...args];
    this.calls.push(call.join(' ').replaceAll(/\s+/g, ' '));
    this.environments.push(options.env ?? {});
    const result = (status: number, stdout = '') => ({ status, stdout, stderr: 'as it says' });
    if (call[0] === 'node' && args[0] === '-e') {
      return this.works ? result(0, `version=2.15.1 gpu=${this.onGpu}\n`) : result(1);
    }
    if (call[0] === 'node' && args[0] === 'scripts/install.js') {
      if (this.compiles.status === 0) this.works = true;
      return this.compiles;
    }
    if (!this.programs.includes(program)) return result(127);
    if (args.includes('download')) {
      const [folder, requirement] = args.slice(-2) as [string, string];
      const file = this.files.find((name) =>
        name.startsWith(`${requirement.split('==')[0]!.replaceAll('-', '_')}-`),
      )!;
      const content = this.pip?.(file) ?? null;
      if (content) writeFileSync(join(folder, file), content);
      return result(content ? 0 : 1);
    }
    if (args[0] === '-c') return this.unpack(args[2]!, args[3]!) ? result(0) : result(1);
    return result(0);
  }

  unpack = (_: string, folder: string): boolean => {
    for (const name of [
      'include/c_api.h',
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
    ]) {
      mkdirSync(dirname(join(folder, 'tensorflow', name)), { recursive: true });
      writeFileSync(join(folder, 'tensorflow', name), name);
    }
    return true;
  };

  read(url: string): Promise<string | null> {
    return Promise.resolve(this.index[url] ?? null);
  }

  answers(): Promise<boolean> {
    return Promise.resolve(this.online);
  }

  freeBytes(): number {
    return this.free;
  }

  say(line: string): void {
    this.said.push(line);
  }
}

let folder: string;
let places: Places;
let npmPackage: string;
let machine: FakeMachine;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'setup-'));
  places = {
    training: folder,
    downloads: join(folder, 'downloads'),
    cuda: join(folder, 'work', 'cuda'),
  };
  npmPackage = join(folder, 'node_modules', '@tensorflow', 'tfjs-node');
  mkdirSync(npmPackage, { recursive: true });
  mkdirSync(`${npmPackage}-gpu`);
  machine = new FakeMachine(
    [CPU, GPU].flatMap(({ wheel, cuda }) => [wheel, ...cuda]).map(({ file }) => file),
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

const setUp = (from: 'auto' | 'vendor' | 'pypi' = 'pypi', gpu = false) =>
  setUpTensorFlow({ from, gpu }, machine, places);
const downloaded = () => (existsSync(places.downloads) ? readdirSync(places.downloads) : []);

/** The right wheel lies there already. */
const fetched = (file: string = CPU.wheel.file) => {
  mkdirSync(places.downloads, { recursive: true });
  writeFileSync(join(places.downloads, file), WHEEL);
};

// The real hashes are of files of 200 MB; here they are those of a few bytes.
jest.mock('../../../training/setup/variants', () => {
  const real = jest.requireActual<typeof import('../../../training/setup/variants')>(
    '../../../training/setup/variants',
  );
  const sha256 = jest
    .requireActual<typeof import('node:crypto')>('node:crypto')
    .createHash('sha256')
    .update('a wheel')
    .digest('hex');
  const small = (variant: typeof real.CPU) => ({
    ...variant,
    wheel: { ...variant.wheel, sha256 },
    cuda: variant.cuda.map((wheel) => ({ ...wheel, sha256 })),
  });
  return { ...real, CPU: small(real.CPU), GPU: small(real.GPU) };
});

describe('setup', () => {
  it('does nothing where TensorFlow works', async () => {
    machine.works = true;
    machine.programs = [];
    machine.free = 0;
    await setUp();
    expect(machine.said).toEqual(['TensorFlow 2.15.1 works already: nothing to do.']);
    expect(machine.calls).toHaveLength(1);
    expect(readdirSync(npmPackage)).toEqual([]);
  });

  it('takes the library from PyPI, under the names that TensorFlow.js asks for', async () => {
    await setUp();
    expect(machine.said.at(-1)).toBe('TensorFlow 2.15.1 works.');
    expect(readdirSync(npmPackage)).toEqual(['deps']);
    const lib = join(npmPackage, 'deps', 'lib');
    expect(readdirSync(lib).sort()).toEqual([
      'libtensorflow.so',
      'libtensorflow.so.2.9.1',
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so',
      'libtensorflow_framework.so.2',
    ]);
    for (const name of ['libtensorflow.so', 'libtensorflow.so.2.9.1']) {
      expect(readFileSync(join(lib, name), 'utf8')).toBe('libtensorflow_cc.so.2');
    }
    expect(existsSync(join(npmPackage, 'deps', 'include', 'c_api.h'))).toBe(true);
    expect(downloaded()).toEqual([CPU.wheel.file]);
    const download = machine.calls.findIndex((call) => call.includes('pip download'));
    expect(machine.calls[download]).toMatch(/--python-version 3.11 .* tensorflow-cpu==2.15.1$/);
    // pip must not fill the system's folder for temporary files.
    expect(machine.environments[download]!.TMPDIR).toContain(places.downloads);
  });

  it('uses a wheel that is there, and fetches a damaged one again', async () => {
    fetched();
    machine.pip = null;
    await setUp();
    expect(machine.said).toContainEqual(expect.stringMatching(/is here already/));
    machine.works = false;
    writeFileSync(join(places.downloads, CPU.wheel.file), 'half a wh');
    machine.pip = () => WHEEL;
    await setUp();
    expect(machine.said).toContainEqual(expect.stringMatching(/is damaged; fetching it again/));
    expect(readFileSync(join(places.downloads, CPU.wheel.file))).toEqual(WHEEL);
  });

  it.each([
    [['make', 'g++'], /needs Python 3 with pip\. On Debian or Ubuntu: apt-get install/],
    [['python3'], /needs make, a C\+\+ compiler \(g\+\+\)\. On Debian/],
    [[], /needs Python 3 with pip, make, a C\+\+ compiler/],
  ])('says what is missing where there is only: %j', async (programs, message) => {
    machine.programs = programs;
    await expect(setUp()).rejects.toThrow(message);
    expect(downloaded()).toEqual([]);
  });

  it('says that the disk is full before it begins', async () => {
    machine.free = 0.4 * GB;
    await expect(setUp()).rejects.toThrow(/has 0\.4 GB left; setup needs 1\.5 GB\. Make room/);
    expect(existsSync(places.downloads)).toBe(false);
  });

  it('says that the disk is full when it fills up on the way', async () => {
    machine.pip = () => {
      machine.free = 0.02 * GB;
      return null;
    };
    await expect(setUp()).rejects.toThrow(/could not fetch.* has only 0\.02 GB left: make room/);
    expect(downloaded()).toEqual([]);

    machine.free = 2 * GB;
    fetched();
    machine.unpack = (_, target) => {
      machine.free = 0.01 * GB;
      mkdirSync(target);
      writeFileSync(join(target, 'half'), '');
      return false;
    };
    await expect(setUp()).rejects.toThrow(/could not be unpacked.* has only 0\.01 GB left/);
    expect(readdirSync(npmPackage)).toEqual([]);
  });

  it('says that PyPI cannot be reached', async () => {
    machine.pip = null;
    await expect(setUp()).rejects.toThrow(
      /pip could not fetch tensorflow-cpu==2\.15\.1; what it said is above\. Is PyPI .* reachable/,
    );
    expect(downloaded()).toEqual([]);
  });

  it('refuses another file than the one it was checked with, and deletes it', async () => {
    machine.pip = () => Buffer.from('another');
    const hash = createHash('sha256').update('another').digest('hex');
    await expect(setUp()).rejects.toThrow(`has the SHA-256 ${hash}, not ${GOOD_HASH}`);
    expect(downloaded()).toEqual([]);
    expect(readdirSync(npmPackage)).toEqual([]);
  });

  it('shows what the compiler said, and helps with header files', async () => {
    machine.compiles = { status: 1, stdout: 'make: g++: ', stderr: 'fatal error: no such file' };
    await expect(setUp()).rejects.toThrow(/could not be compiled:\nmake: g\+\+: fatal error/);
    machine.compiles = { status: 1, stdout: '', stderr: 'getaddrinfo ENOTFOUND nodejs.org' };
    await expect(setUp()).rejects.toThrow(/nodejs\.org\nNode's header files .*npm_config_nodedir/);
  });

  it('says where it does not run at all', async () => {
    machine.platform = 'darwin';
    machine.arch = 'arm64';
    await expect(setUp()).rejects.toThrow(
      /for Linux on x64; this is darwin on arm64.*--from vendor/,
    );
  });

  it('names the package that is missing', async () => {
    rmSync(npmPackage, { recursive: true });
    await expect(setUp()).rejects.toThrow(/tfjs-node is not in .*npm install --ignore-scripts/);
  });

  describe("from the vendor's site", () => {
    it('is tried first, and is enough', async () => {
      machine.online = true;
      machine.programs = [];
      await setUp('auto');
      expect(machine.said).toEqual([
        "Fetching TensorFlow's library from its vendor ...",
        'TensorFlow 2.15.1 works.',
      ]);
    });

    it('gives way to PyPI where it cannot be reached', async () => {
      await setUp('auto');
      expect(machine.said[0]).toMatch(/vendor's site cannot be reached; taking .* from PyPI/);
      expect(machine.said.at(-1)).toBe('TensorFlow 2.15.1 works.');
    });

    it('fails where nothing else is wanted', async () => {
      await expect(setUp('vendor')).rejects.toThrow(/site cannot be reached.*Try --from pypi/);
      machine.online = true;
      machine.compiles = { status: 1, stdout: '', stderr: '' };
      await expect(setUp('vendor')).rejects.toThrow(/installation failed; what it said is above/);
    });
  });

  describe('for a GPU', () => {
    it("leaves NVIDIA's libraries where there is no GPU, and says what it computes on", async () => {
      await setUp('auto', true);
      expect(downloaded()).toEqual([GPU.wheel.file]);
      expect(machine.calls.at(-2)).toBe('node scripts/install.js gpu');
      expect(machine.said).toContainEqual(expect.stringMatching(/There is no NVIDIA GPU here/));
      expect(machine.said.at(-1)).toBe('TensorFlow 2.15.1 works on the CPU (no GPU is seen).');
      expect(readdirSync(npmPackage)).toEqual([]);
    });

    it("fetches and finds NVIDIA's libraries where there is one", async () => {
      machine.programs.push('nvidia-smi');
      machine.onGpu = true;
      const tensorflow = machine.unpack;
      machine.unpack = (wheel, target) => {
        const part = /nvidia_(.*)_cu12/.exec(wheel)?.[1];
        if (!part) return tensorflow(wheel, target);
        mkdirSync(join(target, 'nvidia', part, 'lib'), { recursive: true });
        return true;
      };
      await setUp('auto', true);
      expect(downloaded().sort()).toEqual([GPU.wheel, ...GPU.cuda].map(({ file }) => file).sort());
      expect(cudaLibraries(places.cuda)).toHaveLength(12);
      expect(machine.environments.at(-1)!.LD_LIBRARY_PATH).toContain(
        join(places.cuda, 'nvidia', 'cudnn', 'lib'),
      );
      expect(machine.said.at(-1)).toBe('TensorFlow 2.15.1 works on the GPU.');
    });

    describe('before it fetches gigabytes', () => {
      const dryRun = () =>
        setUpTensorFlow({ from: 'auto', gpu: true, dryRun: true }, machine, places);
      const page = ({ requirement, file, sha256 }: Wheel, size?: number) => {
        const project = requirement.split('==')[0]!;
        const json = { files: [{ filename: file, hashes: { sha256 }, ...(size && { size }) }] };
        const text =
          size === undefined
            ? `<a href="../../packages/${file}#sha256=${sha256}">${file}</a>`
            : JSON.stringify(json);
        machine.index[`https://pypi.org/simple/${project}/`] = text;
      };

      it('names every wheel with what the index says of it, and fetches none when only asked', async () => {
        const [first, second, third, fourth] = GPU.cuda as [Wheel, Wheel, Wheel, Wheel];
        page(GPU.wheel, 475e6);
        page(first);
        page({ ...second, sha256: 'f'.repeat(64) });
        page({ ...third, file: 'nvidia_cuda_nvcc_cu12-13.0-py3-none-any.whl' });
        fetched(fourth.file);
        await dryRun();
        expect(machine.said).toHaveLength(1 + 13 + 1);
        expect(machine.said[0]).toBe(
          '12 wheels to fetch from https://pypi.org/simple, 0.47 GB as far as it is known:',
        );
        const lines = machine.said.slice(1, 14);
        [GPU.wheel, ...GPU.cuda].forEach(({ file }, i) => expect(lines[i]).toContain(file));
        expect(lines.slice(0, 6).map((line) => line.split(': ')[1])).toEqual([
          '475 MB',
          'listed',
          'listed with another SHA-256 than it was checked with',
          'NOT LISTED there',
          'here already',
          'the index does not answer',
        ]);
        expect(machine.said.at(-1)).toMatch(/There is no NVIDIA GPU here/);
        expect(machine.calls.some((call) => call.includes('download'))).toBe(false);
        expect(downloaded()).toEqual([fourth.file]);
      });

      it('asks first for what the index does not list', async () => {
        machine.programs.push('nvidia-smi');
        [GPU.wheel, ...GPU.cuda].forEach((wheel) => page(wheel, 1e6));
        const last = GPU.cuda.at(-1)!;
        page({ ...last, file: 'another.whl' });
        machine.pip = (file) => (file === last.file ? null : WHEEL);
        await expect(setUp('pypi', true)).rejects.toThrow(`could not fetch ${last.requirement}`);
        expect(downloaded()).toEqual([]);
      });

      it('says that it is under WSL2, whose nvidia-smi may not be on the path', async () => {
        machine.kernel = '5.15.153.1-microsoft-standard-WSL2';
        machine.programs.push('/usr/lib/wsl/lib/nvidia-smi');
        await dryRun();
        expect(machine.said[0]).toMatch(/^This is WSL2: .* Nobody has run this under WSL2/);
        expect(machine.said.at(-1)).not.toMatch(/no NVIDIA GPU/);
      });
    });

    it('does not pass for done while the GPU is not used', async () => {
      machine.programs.push('nvidia-smi');
      machine.works = true;
      machine.unpack = (_, target) => {
        mkdirSync(join(target, 'nvidia', 'cudnn', 'lib'), { recursive: true });
        return true;
      };
      await expect(setUp('auto', true)).rejects.toThrow(/There is an NVIDIA GPU, but TensorFlow/);
    });
  });
});

test('a wheel is kept under its name only when it is whole', async () => {
  const wheel = { ...CPU.wheel, sha256: GOOD_HASH };
  const path = await fetchWheel(machine, wheel, 'python3', places.downloads);
  expect(path).toBe(join(places.downloads, CPU.wheel.file));
  expect(downloaded()).toEqual([CPU.wheel.file]);
});
