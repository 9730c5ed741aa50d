import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import PACKAGE from '../../../package.json';

/** `node FILE` with plain words behind it: no shell reads more into that, on any system. */
const PLAIN = /^node (?<file>[\w./-]+)( [\w./:=-]+)*$/;
const FORBIDDEN_IN_NAMES = /[<>:"|?*\\]|[ .](\/|$)|(^|\/)(con|prn|aux|nul|(com|lpt)\d)(\.|\/|$)/i;

/** Lines that work on POSIX systems alone, and those that do the same everywhere. */
const POSIX_ONLY = [
  "execSync('ls');",
  "exec('ls');",
  "spawn('x', [], { shell: true });",
  "spawn('rm', ['-r', 'x']);",
  "execFileSync('which', ['x']);",
  'process.getuid();',
  "readFile('/tmp/x');",
  'new URL(import.meta.url).pathname;',
  "new URL('x', import.meta.url).pathname;",
];
const ANYWHERE = [
  "spawn(process.execPath, ['x'], { shell: process.platform === 'win32' });",
  "execFile('tar', ['-xzf', 'x']);",
  'process.getuid?.();',
  "fetch('/plugins/x');",
  'new URL(request.url).pathname;',
];

describe('on Windows and macOS too', () => {
  test.each(Object.entries(PACKAGE.scripts))('npm run %s: %s', (name, script) => {
    const file = PLAIN.exec(script)?.groups?.file;
    // Of those that ESLint and Prettier document, the arguments hold no shell's signs either.
    if (!file)
      expect([name, script]).toEqual([name, expect.stringMatching(/^(eslint|prettier) [\w. -]+$/)]);
    else expect([file, existsSync(file)]).toEqual([file, true]);
  });

  test('every file’s name can be written, and none differs from another by case alone', () => {
    const names = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' })
      .split('\0')
      .filter(Boolean);
    expect(names.length).toBeGreaterThan(500);
    expect(names.filter((name) => FORBIDDEN_IN_NAMES.test(name))).toEqual([]);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
  });

  test('lint refuses what only a POSIX system understands, in whatever is shipped or builds', () => {
    const eslint = ['node_modules/eslint/bin/eslint.js', '--stdin', '--format', 'json'];
    const linted = (file: string) => {
      const input = [...POSIX_ONLY, ...ANYWHERE].join('\n');
      const asked = [...eslint, '--stdin-filename', file];
      const { stdout } = spawnSync(process.execPath, asked, { input, encoding: 'utf8' });
      const [{ messages }] = JSON.parse(stdout) as {
        messages: { ruleId: string; line: number }[];
      }[];
      return messages.flatMap(({ ruleId, line }) =>
        ruleId === 'no-restricted-syntax' ? [line] : [],
      );
    };
    const expected = POSIX_ONLY.map((_, i) => i + 1);
    expect(linted('scripts/some.mjs')).toEqual(expected);
    expect(linted('src/server/some.ts')).toEqual(expected);
  }, 120_000);
});
