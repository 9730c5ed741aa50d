import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../../src/server/main';
import { dataFolder } from '../../../src/server/store/dataFolder';
import { ctSlice } from './dicomBytes';

/** Of no sources, as `ensurePhantoms` names it: printf '' | sha256sum */
const NO_PHANTOM_SOURCES = 'e3b0c44298fc1c14';

let root: string;
let said: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'find-l3-main-'));
  const report = ctSlice({ study: '5.5', series: '5.6', sop: '5.7', modality: 'SR' });
  const files: Record<string, string | Buffer> = {
    'viewer/index.html': '<html></html>',
    'src/phantom/none/none': '',
    [`.cache/phantoms/${NO_PHANTOM_SOURCES}/1.dcm`]: ctSlice(),
    '.cache/stow/5.5/5.6/5.7.dcm': report,
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(root, name, '..'), { recursive: true });
    await writeFile(join(root, name), content);
  }
  await rm(join(root, 'src/phantom/none'), { recursive: true });
  said = '';
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
  }
});
afterEach(async () => {
  jest.restoreAllMocks();
  await rm(root, { recursive: true });
});

async function run(...args: string[]): Promise<number> {
  const status = await main(['node', 'start', '--port', '0', ...args], {
    root,
    ensureViewer: async () => join(root, 'viewer'),
    ensurePlugin: async () => Promise.reject(Object.assign(new Error(), { name: 'SetupError' })),
  });
  process.emit('SIGTERM');
  while (!said.includes('Stopped.')) await new Promise(setImmediate);
  return status;
}

test('says where it keeps what is saved, and what of 0.3.0 it has moved there', async () => {
  const data = join(root, 'data');
  expect(await run('--data', data)).toBe(0);
  expect(said).toContain(`What is saved in the viewer is kept in ${data}\n`);
  expect(said).toContain('Moved there 1 file that 0.3.0 had saved\n');
  expect(await readdir(join(data, 'stored'), { recursive: true })).toContain('5.5/5.6/5.7.dcm');
  expect(await readFile(join(data, 'lock', '1'), 'utf8')).toBe('free\n');
});

test('says that another process saves there', async () => {
  const data = join(root, 'data');
  await mkdir(join(data, 'lock'), { recursive: true });
  const holder = { pid: 7, began: '', host: 'elsewhere', boot: '', container: '' };
  const since = '2026-11-29T12:00:00.000Z';
  await writeFile(join(data, 'lock', '1'), JSON.stringify({ ...holder, since }));
  expect(await run('--data', data)).toBe(0);
  expect(said).toContain(
    `Warning: nothing can be saved in the viewer: another Find L3 (process 7 on elsewhere, since 2026-11-29 12:00 UTC) saves into ${data}: stop it,`,
  );
});

test.each([
  ['linux', {}, '/home/jane/.local/share/find-l3'],
  ['linux', { XDG_DATA_HOME: '/data/jane' }, '/data/jane/find-l3'],
  // Relative paths there are to be ignored, says the XDG Base Directory Specification.
  ['linux', { XDG_DATA_HOME: 'data' }, '/home/jane/.local/share/find-l3'],
  ['darwin', {}, '/home/jane/Library/Application Support/find-l3'],
  ['win32', {}, '/home/jane/AppData/Local/find-l3'],
  ['win32', { LOCALAPPDATA: '/profiles/jane' }, '/profiles/jane/find-l3'],
] as const)('data are kept where %s keeps them, with %j', (platform, env, folder) => {
  expect(dataFolder(platform, env, '/home/jane')).toBe(folder);
});
