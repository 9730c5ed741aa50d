import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import PACKAGE from '../../../package.json';

/** Of a person who has set nothing: not what `npm run` set for this process. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_ENV$|INIT_CWD)/.test(name),
  );
  return Object.fromEntries(own);
}

/** The npm package as it would be published, installed in an empty folder, as a site does it. */
export class Packed {
  private constructor(
    /** Where it was installed, and where `npx --no-install find-l3` works. */
    readonly site: string,
    /** What the package holds. */
    readonly root: string,
  ) {}

  /** @param site folder that is made */
  static async install(site: string): Promise<Packed> {
    await mkdir(site, { recursive: true });
    await npm(['pack', '--pack-destination', site], process.cwd());
    await writeFile(path.join(site, 'package.json'), '{}');
    const { name, version } = PACKAGE;
    await npm(['install', '--no-audit', '--no-fund', `./${name}-${version}.tgz`], site);
    return new Packed(site, path.join(site, 'node_modules', name));
  }

  /** `npx --no-install find-l3`; what it writes to standard output, whatever its exit status. */
  async findL3(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
    const options = { cwd: this.site, env: { ...ownEnvironment(), ...environment } };
    const ran = promisify(execFile)('npx', ['--no-install', 'find-l3', ...args], options);
    const { stdout } = await ran.catch((failure: { readonly stdout: string }) => failure);
    return stdout;
  }
}

async function npm(args: readonly string[], cwd: string): Promise<void> {
  await promisify(execFile)('npm', args, { cwd, env: ownEnvironment(), maxBuffer: 2 ** 26 });
}
