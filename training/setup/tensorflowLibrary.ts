import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { CUDA_FOLDER, DOWNLOADS_FOLDER, TRAINING_FOLDER } from '../tools/paths';
import { lookUp, tell, type LookedUp } from './lookUp';
import { has, thisMachine, type Machine } from './machine';
import { CPU, GPU, type Variant, type Wheel } from './variants';
import { cudaLibraries, fetchWheel, unpackCuda, unpackLibrary } from './wheels';

export type Source = 'auto' | 'vendor' | 'pypi';

export interface Places {
  /** Folder whose `node_modules` holds TensorFlow.js. */
  readonly training: string;
  readonly downloads: string;
  /** Where NVIDIA's libraries go. */
  readonly cuda: string;
}

const PLACES: Places = {
  training: TRAINING_FOLDER,
  downloads: DOWNLOADS_FOLDER,
  cuda: CUDA_FOLDER,
};
const VENDOR_ARCHIVE =
  'https://storage.googleapis.com/tensorflow/libtensorflow/libtensorflow-cpu-linux-x86_64-2.9.1.tar.gz';
const TEN_MINUTES = 600_000;
/** Where WSL2 keeps it, also where it is not on the path. */
// eslint-disable-next-line no-restricted-syntax -- asked on Linux alone
const WSL2_SMI = '/usr/lib/wsl/lib/nvidia-smi';
const NO_GPU =
  "There is no NVIDIA GPU here (nvidia-smi does not run): NVIDIA's libraries are not fetched, and TensorFlow will compute on the CPU.";

const isWsl2 = ({ kernel }: Machine): boolean => /microsoft.*wsl2/i.test(kernel);

/**
 * Makes TensorFlow.js work: native library in the `deps` folder of its package, addon compiled, both
 * proved by a computation. Does nothing when they work already.
 *
 * @param gpu the variant for NVIDIA GPUs, beside the other one
 * @param dryRun only say which wheels PyPI would be asked for
 * @throws Error that says which program, permission or room is missing and what to do
 */
export async function setUpTensorFlow(
  { from, gpu, dryRun = false }: { from: Source; gpu: boolean; dryRun?: boolean },
  machine: Machine = thisMachine,
  places: Places = PLACES,
): Promise<void> {
  const setup = new Setup(gpu ? GPU : CPU, machine, places);
  await (dryRun ? setup.tellWheels() : setup.run(from));
}

type Proof =
  | { readonly works: true; readonly version: string; readonly onGpu: boolean }
  | { readonly works: false; readonly why: string };

class Setup {
  private readonly npmPackage: string;
  private readonly wantsCuda: boolean;

  constructor(
    private readonly variant: Variant,
    private readonly machine: Machine,
    private readonly places: Places,
  ) {
    this.npmPackage = join(places.training, 'node_modules', ...variant.npmPackage.split('/'));
    const programs = isWsl2(machine) ? ['nvidia-smi', WSL2_SMI] : ['nvidia-smi'];
    this.wantsCuda =
      variant.cuda.length > 0 && programs.some((program) => has(machine, program, ['-L']));
  }

  /** @throws Error where there is no Python with pip, or it is another system */
  async tellWheels(): Promise<void> {
    this.tellOfWsl2();
    await this.lookUp([this.variant.wheel, ...this.variant.cuda], this.checkPrograms());
    if (this.variant.kind === 'gpu' && !this.wantsCuda) this.machine.say(NO_GPU);
  }

  async run(from: Source): Promise<void> {
    const { machine, variant } = this;
    this.tellOfWsl2();
    const ready = this.prove();
    if (ready.works && (!this.wantsCuda || ready.onGpu)) {
      machine.say(`TensorFlow ${ready.version} works already${this.where(ready)}: nothing to do.`);
      return;
    }
    if (!existsSync(this.npmPackage)) {
      throw new Error(
        `${variant.npmPackage} is not in ${this.places.training}. Run "npm install --ignore-scripts" there.`,
      );
    }
    this.checkRoom();
    if (from !== 'pypi' && variant.kind === 'cpu' && (await this.fromVendor(from))) return;
    if (!ready.works || variant.kind === 'cpu') await this.fromPypi();
    else {
      const python = this.checkPrograms();
      await this.fetchUnlisted(await this.lookUp(variant.cuda, python), python);
      await this.fetchCuda(python);
    }
    const proof = this.prove();
    if (!proof.works) throw new Error(`TensorFlow was built but does not run:\n${proof.why}`);
    machine.say(`TensorFlow ${proof.version} works${this.where(proof)}.`);
    if (this.wantsCuda && !proof.onGpu) {
      throw new Error(
        'There is an NVIDIA GPU, but TensorFlow does not use it. What it misses is said by: ' +
          'TF_CPP_MIN_LOG_LEVEL=0 npm run train -- setup --gpu',
      );
    }
  }

  /** @returns whether TensorFlow works now */
  private async fromVendor(from: Source): Promise<boolean> {
    const { machine } = this;
    if (!(await machine.answers(VENDOR_ARCHIVE))) {
      if (from === 'vendor') {
        throw new Error(
          `The vendor's site cannot be reached (${VENDOR_ARCHIVE}). Try --from pypi.`,
        );
      }
      machine.say("The vendor's site cannot be reached; taking the library from PyPI.");
      return false;
    }
    machine.say("Fetching TensorFlow's library from its vendor ...");
    const { status } = machine.run('node', ['scripts/install.js'], {
      cwd: this.npmPackage,
      env: this.buildEnvironment(),
    });
    const proof = this.prove();
    if (status === 0 && proof.works) {
      machine.say(`TensorFlow ${proof.version} works.`);
      return true;
    }
    if (from === 'vendor') {
      throw new Error("The vendor's installation failed; what it said is above. Try --from pypi.");
    }
    machine.say('That failed; taking the library from PyPI instead.');
    rmSync(join(this.npmPackage, 'deps'), { recursive: true, force: true });
    return false;
  }

  private async fromPypi(): Promise<void> {
    const { machine, variant, places } = this;
    const python = this.checkPrograms();
    const cuda = this.wantsCuda ? variant.cuda : [];
    const all = await this.lookUp([variant.wheel, ...cuda], python);
    await this.fetchUnlisted(all, python);
    const wheel = await fetchWheel(machine, variant.wheel, python, places.downloads);
    await this.fetchCuda(python);
    unpackLibrary(machine, python, wheel, this.npmPackage);
    this.compile();
  }

  private async fetchCuda(python: string): Promise<void> {
    const { machine, variant, places } = this;
    if (variant.cuda.length === 0) return;
    if (!this.wantsCuda) {
      machine.say(NO_GPU);
      return;
    }
    const wheels: string[] = [];
    for (const each of variant.cuda) {
      wheels.push(await fetchWheel(machine, each, python, places.downloads));
    }
    unpackCuda(machine, python, wheels, places.cuda);
  }

  private async lookUp(wheels: readonly Wheel[], python: string): Promise<readonly LookedUp[]> {
    const { index, wheels: found } = await lookUp(
      this.machine,
      wheels,
      python,
      this.places.downloads,
    );
    tell(this.machine, index, found);
    return found;
  }

  /** What an index lacks fails before gigabytes of the others are fetched. */
  private async fetchUnlisted(wheels: readonly LookedUp[], python: string): Promise<void> {
    const lacking = wheels.filter(({ state }) => state === 'not-listed' || state === 'other');
    for (const { wheel } of lacking) {
      await fetchWheel(this.machine, wheel, python, this.places.downloads);
    }
  }

  private tellOfWsl2(): void {
    if (this.variant.kind !== 'gpu' || !isWsl2(this.machine)) return;
    this.machine.say(
      'This is WSL2: the driver is that of Windows, and none must be installed here. Nobody has run this under WSL2.',
    );
  }

  /** Loads the library in a process of its own and multiplies two matrices with it. */
  private prove(): Proof {
    const code = `
    const tf = require(${JSON.stringify(this.variant.npmPackage)});
    const product = tf.matMul([[1, 2], [3, 4]], [[5, 6], [7, 8]]).arraySync();
    if (JSON.stringify(product) !== '[[19,22],[43,50]]') throw new Error('wrong product ' + product);
    const { binding, isUsingGpuDevice } = tf.backend();
    console.log('version=' + binding.TF_Version + ' gpu=' + isUsingGpuDevice);`;
    const libraries = this.variant.kind === 'gpu' ? cudaLibraries(this.places.cuda) : [];
    const { status, stdout, stderr } = this.machine.run(process.execPath, ['-e', code], {
      cwd: this.places.training,
      quiet: true,
      env: {
        ...process.env,
        TF_CPP_MIN_LOG_LEVEL: process.env.TF_CPP_MIN_LOG_LEVEL ?? '2',
        ...(libraries.length === 0 ? {} : { LD_LIBRARY_PATH: libraries.join(delimiter) }),
      },
    });
    const found = /version=(\S+) gpu=(\S+)/.exec(stdout);
    return status === 0 && found
      ? { works: true, version: found[1]!, onGpu: found[2] === 'true' }
      : { works: false, why: stderr.trim().split('\n').slice(-12).join('\n') };
  }

  private where({ onGpu }: { onGpu: boolean }): string {
    if (this.variant.kind === 'cpu') return '';
    return onGpu ? ' on the GPU' : ' on the CPU (no GPU is seen)';
  }

  private checkRoom(): void {
    const { machine, places, variant } = this;
    const free = machine.freeBytes(places.training);
    if (free < variant.room) {
      throw new Error(
        `The disk of ${places.training} has ${(free / 1e9).toFixed(1)} GB left; setup needs ${(variant.room / 1e9).toFixed(1)} GB. Make room and repeat.`,
      );
    }
    mkdirSync(places.downloads, { recursive: true });
  }

  /** @returns the Python to use */
  private checkPrograms(): string {
    const { machine } = this;
    if (machine.platform !== 'linux' || machine.arch !== 'x64') {
      throw new Error(
        `The way through PyPI is for Linux on x64; this is ${machine.platform} on ${machine.arch}. ${this.variant.kind === 'cpu' ? 'Use --from vendor.' : 'Set up without --gpu.'}`,
      );
    }
    const python = ['python3', 'python'].find((name) =>
      has(machine, name, ['-m', 'pip', '--version']),
    );
    const compiler = process.env.CXX ?? 'g++';
    const missing = [
      ...(python ? [] : ['Python 3 with pip']),
      ...(has(machine, 'make', ['--version']) ? [] : ['make']),
      ...(has(machine, compiler, ['--version']) ? [] : [`a C++ compiler (${compiler})`]),
    ];
    if (missing.length > 0 || !python) {
      throw new Error(
        `Setup needs ${missing.join(', ')}. On Debian or Ubuntu: apt-get install build-essential python3 python3-pip`,
      );
    }
    return python;
  }

  private compile(): void {
    const { machine, variant } = this;
    machine.say('Compiling the connection between Node and TensorFlow ...');
    const { status, stdout, stderr } = machine.run('node', ['scripts/install.js', variant.kind], {
      cwd: this.npmPackage,
      quiet: true,
      timeout: TEN_MINUTES,
      env: this.buildEnvironment(),
    });
    if (status !== 0) {
      const said = (stdout + stderr).trim().slice(-3000);
      const headers = /ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN/.test(said)
        ? "\nNode's header files are neither beside Node nor could they be fetched: use the Node of nodejs.org, or set npm_config_nodedir to a folder with include/node."
        : '';
      throw new Error(`The connection could not be compiled:\n${said}${headers}`);
    }
  }

  /** Headers of the running Node where they lie beside it, so that none are fetched. */
  private buildEnvironment(): NodeJS.ProcessEnv {
    const prefix = dirname(dirname(process.execPath));
    const headers = existsSync(join(prefix, 'include', 'node', 'node_api.h'));
    return {
      ...process.env,
      PATH: [
        dirname(process.execPath),
        join(this.places.training, 'node_modules', '.bin'),
        process.env.PATH ?? '',
      ].join(delimiter),
      ...(headers && !process.env.npm_config_nodedir ? { npm_config_nodedir: prefix } : {}),
    };
  }
}
