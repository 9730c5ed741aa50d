import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import PICTURES from '../../../scripts/pictures.json';

const files = Object.keys(PICTURES);
const textsOf = (folder: string, end: RegExp) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => end.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');

test('every picture of the documents is taken from an end-to-end test, and shown', () => {
  expect(readdirSync('docs/images').sort()).toEqual([...files].sort());
  const documents = textsOf('docs', /\.md$/) + readFileSync('README.md', 'utf8');
  expect(files.filter((file) => !documents.includes(`images/${file})`))).toEqual([]);
});

test.each(Object.entries(PICTURES))('%s: a test takes %s', (_, name) => {
  const taken = name.replace(/^panel-zh-/, 'panel-${language}-');
  expect(textsOf('test/e2e', /\.test\.ts$/)).toMatch(
    new RegExp(`(screenshot\\(|picture\\(page, )['\`]${taken.replace(/[${}]/g, '\\$&')}['\`]`),
  );
});
