import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAMS = ['/usr/sbin/Orthanc', '/usr/bin/Orthanc', '/usr/local/sbin/Orthanc'];
const PLUGIN = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';
/** Debian's own configuration; Orthanc reads every file of a folder. */
const PACKAGED = '/etc/orthanc';
/** Holds users, none as it is packaged, and may not be readable. */
const USERS = 'credentials.json';
const STARTS_WITHIN_MS = 60_000;

export const INSTALL_ORTHANC = 'apt-get install orthanc orthanc-dicomweb';

/** Whether Orthanc and its DICOMweb plugin are installed as Debian does it. */
export function orthancIsInstalled(): boolean {
  return PROGRAMS.some((program) => existsSync(program)) && existsSync(PLUGIN);
}

/** An Orthanc of its own: empty, without users, reachable from this machine only. */
export class Orthanc {
  /** The Authorization header, for one that asks for users. */
  authorization: string | null = null;
  private child: ChildProcess | null = null;

  private constructor(
    private readonly folder: string,
    /** A file, or a folder of files. */
    private readonly configuration: string,
    /** `http://127.0.0.1:PORT` */
    readonly origin: string,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  get dicomweb(): string {
    return `${this.origin}/dicom-web`;
  }

  /** @param environment of its process, by its address */
  static async start(
    more: object = {},
    environment: (origin: string) => Readonly<Record<string, string>> = () => ({}),
  ): Promise<Orthanc> {
    const folder = await mkdtemp(join(tmpdir(), 'find-l3-orthanc-'));
    const port = await freePort();
    const configuration = {
      Name: 'find-l3 tests',
      StorageDirectory: folder,
      IndexDirectory: folder,
      HttpPort: port,
      DicomServerEnabled: false,
      RemoteAccessAllowed: false,
      AuthenticationEnabled: false,
      Plugins: [PLUGIN],
      DicomWeb: { Enable: true, Root: '/dicom-web/' },
      ...more,
    };
    const file = join(folder, 'configuration.json');
    await writeFile(file, JSON.stringify(configuration));
    const origin = `http://127.0.0.1:${port}`;
    const orthanc = new Orthanc(folder, file, origin, environment(origin));
    await orthanc.resume();
    return orthanc;
  }

  /**
   * As Debian configures it, with some of its files replaced.
   *
   * @param files texts by their names in Debian's folder
   */
  static async startPackaged(files: Readonly<Record<string, string>>): Promise<Orthanc> {
    const folder = await mkdtemp(join(tmpdir(), 'find-l3-orthanc-'));
    const configuration = await mkdtemp(join(tmpdir(), 'find-l3-orthanc-etc-'));
    const port = await freePort();
    const own: Readonly<Record<string, string | number>> = {
      StorageDirectory: folder,
      IndexDirectory: folder,
      HttpPort: port,
      DicomPort: await freePort(),
    };
    for (const name of await readdir(PACKAGED)) {
      if (name === USERS) continue;
      const packaged = files[name] ?? (await readFile(join(PACKAGED, name), 'utf8'));
      const text = Object.entries(own).reduce(
        (now, [key, value]) =>
          now.replace(new RegExp(`"${key}"\\s*:\\s*[^,]+`), `"${key}" : ${JSON.stringify(value)}`),
        packaged,
      );
      await writeFile(join(configuration, name), text);
    }
    const orthanc = new Orthanc(folder, configuration, `http://127.0.0.1:${port}`, {});
    await orthanc.resume();
    return orthanc;
  }

  /** Starts it again after `halt`, with what it held. */
  async resume(): Promise<void> {
    const program = PROGRAMS.find((candidate) => existsSync(candidate))!;
    const child = spawn(program, [this.configuration], {
      stdio: 'ignore',
      env: { ...process.env, ...this.environment },
    });
    this.child = child;
    const latest = Date.now() + STARTS_WITHIN_MS;
    const answers = () =>
      fetch(`${this.origin}/system`).then(
        () => true,
        () => false,
      );
    while (!(await answers())) {
      if (Date.now() > latest || child.exitCode !== null) {
        await this.stop();
        throw new Error(`Orthanc did not start (exit code ${child.exitCode})`);
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Sends DICOM files through Orthanc's own interface, not through DICOMweb. */
  async upload(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      const body = new Uint8Array(await readFile(path));
      const headers = this.authorization ? { Authorization: this.authorization } : undefined;
      const answer = await fetch(`${this.origin}/instances`, { method: 'POST', body, headers });
      if (!answer.ok) throw new Error(`Orthanc refused ${path}: ${answer.status}`);
    }
  }

  /** Stops it; what it holds stays. */
  async halt(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  /** Stops it and deletes what it holds. */
  async stop(): Promise<void> {
    await this.halt();
    for (const at of [this.folder, this.configuration]) {
      await rm(at, { recursive: true, force: true });
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
