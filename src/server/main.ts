import { Command, InvalidArgumentError } from 'commander';
import { basename, join, resolve } from 'node:path';
import type { DicomIndex } from './dicomweb/dicomIndex';
import { ensurePhantoms } from './phantoms';
import { scanLines } from './scanLines';
import { isLoopback } from './securityHeaders';
import { startServer, type RunningServer } from './startServer';
import { dataFolder } from './store/dataFolder';
import { storeLines } from './store/storeLines';

const STUDIES_LISTED = 12;

/** What start.mjs hands over: it knows where the project is and how to set it up. */
export interface Project {
  root: string;
  ensureViewer: () => Promise<string>;
  ensurePlugin: () => Promise<string>;
}

interface Options {
  dicom?: string[];
  dicomweb?: string;
  data?: string;
  nifti?: string[];
  port: number;
  host: string;
}

/**
 * `npm start`: serves the viewer until it is interrupted.
 * @param argv as in `process.argv`
 * @returns the exit status, once the server runs or could not start
 */
export async function main(argv: readonly string[], project: Project): Promise<number> {
  const options = parse(argv);
  try {
    await serve(options, project);
    return 0;
  } catch (failure) {
    const expected =
      failure instanceof Error && ['StartError', 'SetupError'].includes(failure.name);
    if (!expected) throw failure;
    process.stderr.write(`${failure.message}\n`);
    return 1;
  }
}

function parse(argv: readonly string[]): Options {
  const command = new Command('npm start --')
    .description(
      'Serves the OHIF viewer with the Find L3 extension on this machine, with phantom CT studies to try it on.\n' +
        'It is for one person at one machine; for anything more, use a PACS such as Orthanc and --dicomweb.',
    )
    .option('--dicom <dir>', 'add a folder of DICOM files, searched in depth; may be repeated', add)
    .option('--nifti <file>', 'open a NIfTI file (.nii, .nii.gz); may be repeated', add)
    .option('--dicomweb <url>', 'show a PACS instead, by its DICOMweb root, through this server')
    .option('--data <dir>', `keep there what is saved in the viewer (default: ${dataFolder()})`)
    .option('--port <number>', 'port to listen on', port, 3000)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .helpOption('--help', 'show this help')
    .allowExcessArguments(false);
  const options = command.parse(argv).opts<Options>();
  if (options.dicomweb !== undefined && options.dicom) {
    command.error('error: --dicom and --dicomweb exclude each other: a PACS shows its own studies');
  }
  if (options.dicomweb !== undefined && options.data !== undefined) {
    command.error('error: --dicomweb and --data exclude each other: a PACS keeps what is saved');
  }
  return options;
}

function add(value: string, earlier: string[] = []): string[] {
  return [...earlier, value];
}

function port(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number <= 65535) return number;
  throw new InvalidArgumentError('It must be a whole number up to 65535.');
}

async function serve(
  { dicom = [], nifti = [], dicomweb, data, port, host }: Options,
  project: Project,
): Promise<void> {
  const viewerDir = await project.ensureViewer();
  const pluginDir = await project.ensurePlugin().catch((failure: Error) => {
    if (failure.name !== 'SetupError') throw failure;
    process.stderr.write(`${failure.message}\nThe viewer starts without the extension.\n`);
    return null;
  });
  // npm runs this in the project's folder, wherever it was typed.
  const typedIn = process.env.INIT_CWD ?? process.cwd();
  const given = dicom.map((folder) => resolve(typedIn, folder));
  const folders = dicomweb === undefined ? [await phantoms(project.root), ...given] : [];
  const server = await startServer({
    port,
    host,
    folders,
    nifti: nifti.map((file) => resolve(typedIn, file)),
    dicomweb,
    pluginDir,
    viewerDir,
    storeDir: data === undefined ? dataFolder() : resolve(typedIn, data),
    // Of 0.3.0
    formerStoreDir: join(project.root, '.cache', 'stow'),
  });
  stopOnSignal(server);
  report(server, host, dicomweb);
}

function phantoms(root: string): Promise<string> {
  const terminal = process.stdout.isTTY ? process.stdout : null;
  return ensurePhantoms(
    root,
    () => say('Making the phantom CT studies (about a minute, once) ...'),
    (done, of) => terminal?.write(done < of ? `\r${done} of ${of} slices ` : '\r\x1b[K'),
  );
}

function stopOnSignal(server: RunningServer): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Once: a second Ctrl-C ends it at once, whatever is still open.
    process.once(signal, () => void server.close().then(() => say('Stopped.')));
  }
}

function report(server: RunningServer, host: string, dicomweb: string | undefined): void {
  for (const { folder, report } of server.scans) scanLines(folder, report).forEach(say);
  if (server.index) sayWorklist(server.index);
  else if (dicomweb !== undefined) say(`On the worklist: the studies of ${withoutUser(dicomweb)}`);
  if (server.store) storeLines(server.store).forEach(say);
  const address = host === '127.0.0.1' ? server.url.replace(host, 'localhost') : server.url;
  say(`\nFind L3 is at ${address}    (Ctrl-C stops it)`);
  for (const { file, viewerPath } of server.nifti) {
    say(`${basename(file)} is at ${address}${viewerPath}`);
  }
  if (isLoopback(host)) {
    say('For one person at this machine; for anything more, use Orthanc (see docs/admin.md).');
  } else {
    say(
      `Warning: ${host} lets others on the network see and add studies, without a password and unencrypted. For more than one machine, use Orthanc (see docs/admin.md).`,
    );
  }
}

function sayWorklist(index: DicomIndex): void {
  const studies = [...index.studies.values()];
  say(`On the worklist: ${studies.length} ${studies.length === 1 ? 'study' : 'studies'}`);
  for (const { attributes, series } of studies.slice(0, STUDIES_LISTED)) {
    const instances = [...series.values()].reduce((sum, { instances }) => sum + instances.size, 0);
    const first = (tag: string) => attributes[tag]?.Value?.[0];
    const name = first('00100010');
    const modalities = [...series.values()].map((s) => s.attributes['00080060']?.Value?.[0]);
    const parts = [
      [...new Set(modalities)].join('/'),
      typeof name === 'object' ? name?.Alphabetic : name,
      first('00081030'),
      `${instances} images`,
    ];
    say(`  ${parts.filter(Boolean).join('  ')}`);
  }
  if (studies.length > STUDIES_LISTED) say(`  ... and ${studies.length - STUDIES_LISTED} more`);
}

function withoutUser(address: string): string {
  const url = new URL(address);
  url.username = url.password = '';
  return url.href;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
