// `npm run pictures`: the pictures of the documents, out of what the end-to-end tests of the last `npm test` saw.
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT_ROOT, say } from './setup.mjs';

const SEEN = join(PROJECT_ROOT, 'test-output', 'screenshots');
const SHOWN = join(PROJECT_ROOT, 'docs', 'images');

/** Of each file of docs/images, the name that an end-to-end test gives the picture. */
const PICTURES = JSON.parse(await readFile(new URL('pictures.json', import.meta.url), 'utf8'));

for (const [file, name] of Object.entries(PICTURES)) {
  const seen = join(SEEN, `${name}.png`);
  try {
    await copyFile(seen, join(SHOWN, file));
    say(`${file}: ${name}`);
  } catch {
    say(`${file} stays as it was: there is no ${seen}. Run npm test first.`);
    process.exitCode = 1;
  }
}
