import { existsSync, readdirSync, readFileSync } from 'node:fs';
import PACKAGE from '../../package.json';
import VIEWER from '../../scripts/viewer.json';
import { DEFAULTS } from '../../src/viewer/host/settings';
import { SOURCES } from '../../training/prepare/sources/index';
import OTHERS from '../e2e/long/otherViewers.json';

const read = (path: string) => readFileSync(path, 'utf8');
const TEXT = read('CONTRIBUTING.md');

describe('CONTRIBUTING.md', () => {
  it('names files and folders that there are', () => {
    const quoted = [...TEXT.matchAll(/`([\w./-]+)`/g)].map(([, path]) => path);
    const paths = quoted.filter((path) =>
      /^(src|test|training|models|deploy|scripts)\//.test(path),
    );
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path) => !path.includes('NAME') && !existsSync(path))).toEqual([]);
  });

  it('names commands that there are', () => {
    const commands = [...TEXT.matchAll(/`npm run ([\w:]+)/g)].map(([, name]) => name);
    expect(commands.length).toBeGreaterThan(8);
    expect(commands.filter((name) => !(name in PACKAGE.scripts))).toEqual([]);
  });

  it('names every file of a language', () => {
    const files = readdirSync('src/text').filter((name) => name.startsWith('zh'));
    const [, example] = /\*\*\.\.\. a language\*\* (.*?)\n\n/s.exec(TEXT)!;
    expect(files.filter((name) => !example.includes(`${name}\``))).toEqual([]);
    expect(example).toContain(`(${files.length + 1} files)`);
  });
});

test.each(Object.keys(SOURCES))('docs/training.md has a row of the labelled data %s', (name) => {
  expect(read('docs/training.md')).toContain(`| \`${name}\``);
});

test.each(Object.keys(DEFAULTS))('docs/admin.md has a row of the setting %s', (name) => {
  expect(read('docs/admin.md')).toContain(`| \`${name}\``);
});

test.each([VIEWER, ...OTHERS])('the documents name OHIF $version', ({ version }) => {
  expect(read('docs/admin.md')).toMatch(new RegExp(`^[|] [*]*${version}[ *]`, 'm'));
  expect(read('README.md')).toContain(version);
});
