import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { RELEASE } from '../../release/release';
import { appConfigScript } from '../appConfig';
import type { Project } from '../main';
import { ensurePhantoms } from '../phantoms';
import { StartError } from '../startError';
import { demoStudy } from './demoStudy';

/** Folders of the phantom worklist, with what the start page says of them. */
const STUDIES = { abdomen: 'Abdomen, standing straight', scoliosis: 'Abdomen with a scoliosis' };
/** What a DICOM file may be called here. */
const DICOM_NAME = /\.dcm$/;

/**
 * `npm run demo -- FOLDER`: makes a folder that any static server shows, with viewer, extension and two
 * phantom studies; nothing is asked of the internet, and nothing can be saved.
 * @param argv as in `process.argv`
 * @returns the exit status
 */
export async function main(argv: readonly string[], project: Project): Promise<number> {
  try {
    const [given, ...more] = argv.slice(2);
    if (!given || given.startsWith('-') || more.length > 0) {
      throw new StartError('usage: npm run demo -- FOLDER    (a new or empty folder)');
    }
    // npm runs this in the project's folder, wherever it was typed.
    const folder = resolve(process.env.INIT_CWD ?? process.cwd(), given);
    await refuseFull(folder);
    const say = () =>
      process.stdout.write('Making the phantom CT studies (about a minute, once) ...\n');
    await makeDemo(folder, {
      viewer: await project.ensureViewer(),
      plugin: await project.ensurePlugin(),
      phantoms: await ensurePhantoms(project.root, say, () => undefined),
    });
    process.stdout.write(
      `${folder} is ready. Any web server that shows it at / will do, for example:\n` +
        `  python3 -m http.server 8000 --bind 127.0.0.1 --directory '${folder}'\n` +
        'then open http://localhost:8000\n',
    );
    return 0;
  } catch (failure) {
    const expected =
      failure instanceof Error && ['StartError', 'SetupError'].includes(failure.name);
    if (!expected) throw failure;
    process.stderr.write(`${failure.message}\n`);
    return 2;
  }
}

/** Folders that a demonstration is made of. */
export interface DemoParts {
  readonly viewer: string;
  readonly plugin: string;
  /** With a folder of DICOM files for each of the studies. */
  readonly phantoms: string;
}

/**
 * Writes a demonstration into a new or empty folder.
 * @throws StartError where it holds something
 */
export async function makeDemo(folder: string, parts: DemoParts): Promise<void> {
  const { viewer, plugin, phantoms } = parts;
  await refuseFull(folder);
  await mkdir(folder, { recursive: true });
  await cp(viewer, folder, { recursive: true });
  await cp(plugin, join(folder, 'plugins', 'find-l3', RELEASE.version), { recursive: true });
  const extensions = [`/plugins/find-l3/${RELEASE.version}/index.js`];
  await writeFile(
    join(folder, 'app-config.js'),
    appConfigScript({ extensions, pacs: null, source: 'dicomjson' }),
  );
  // A static server has no fallback: the page lies at the one address that is opened.
  const route = join(folder, 'viewer', 'dicomjson');
  await mkdir(route, { recursive: true });
  await cp(join(folder, 'index.html'), join(route, 'index.html'));
  for (const name of Object.keys(STUDIES)) await addStudy(folder, join(phantoms, name), name);
  await writeFile(join(folder, 'index.html'), startPage());
}

async function refuseFull(folder: string): Promise<void> {
  if (existsSync(folder) && (await readdir(folder)).length > 0) {
    throw new StartError(`${folder} is not empty: name a new or empty folder`);
  }
}

async function addStudy(folder: string, from: string, name: string): Promise<void> {
  const images = join(folder, 'studies', name);
  await mkdir(images, { recursive: true });
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries.filter((one) => one.isFile() && DICOM_NAME.test(one.name))) {
    const file = join(images, `${basename(entry.parentPath)}-${entry.name}`);
    await cp(join(entry.parentPath, entry.name), file);
    files.push(file);
  }
  const study = await demoStudy(files.sort(), (file) => `/studies/${name}/${basename(file)}`);
  await writeFile(join(folder, 'studies', `${name}.json`), JSON.stringify({ studies: [study] }));
}

function startPage(): string {
  const links = Object.entries(STUDIES).map(
    ([name, what]) => `<li><a href="/viewer/dicomjson/?url=/studies/${name}.json">${what}</a></li>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Find L3 ${RELEASE.version}: demonstration</title>
<h1>Find L3 ${RELEASE.version}</h1>
<p>Synthetic CT studies. Open one and click <b>Find L3</b>. Nothing can be saved here. Not for diagnostic use.</p>
<ul>
${links.join('\n')}
</ul>
<script>
  // The viewer wants whole addresses.
  for (const link of document.querySelectorAll('a')) {
    const address = new URL(link.href);
    address.searchParams.set('url', new URL(address.searchParams.get('url'), location.origin).href);
    link.href = address.href;
  }
</script>
</html>
`;
}
