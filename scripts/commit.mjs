// Which commit this is: stamped into what is built and packed, told to what runs from a checkout.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Written beside package.json into a packed release, which has no history. */
export const STAMP = '.commit';

/**
 * @param {string} root the checkout's or the package's folder
 * @returns {string} the abbreviated commit, with "+changes" where tracked files differ from it; "unknown" without git or history
 */
export function commitOf(root) {
  if (!existsSync(join(root, '.git'))) {
    const stamp = join(root, STAMP);
    return existsSync(stamp) ? readFileSync(stamp, 'utf8').trim() || 'unknown' : 'unknown';
  }
  try {
    const described = ['describe', '--always', '--exclude=*', '--abbrev=12', '--dirty=+changes'];
    const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    return execFileSync('git', described, options).trim() || 'unknown';
  } catch {
    return 'unknown';
  }
}

/** Tells `src/release` the commit of the program that runs from this folder. */
export function stampCommit(root) {
  globalThis.FIND_L3_COMMIT = commitOf(root);
}
