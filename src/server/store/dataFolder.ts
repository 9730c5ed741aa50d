import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where a person's data are kept on this platform: the folder for what is saved in the viewer. */
export function dataFolder(
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
  home: string = homedir(),
): string {
  const given = (path: string | undefined) => (path && isAbsolute(path) ? path : null);
  const folder =
    platform === 'win32'
      ? (given(env.LOCALAPPDATA) ?? join(home, 'AppData', 'Local'))
      : platform === 'darwin'
        ? join(home, 'Library', 'Application Support')
        : (given(env.XDG_DATA_HOME) ?? join(home, '.local', 'share'));
  return join(folder, 'find-l3');
}
