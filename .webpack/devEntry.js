// The extension as `npm run dev` builds it: the page is loaded anew whenever a build is done.
import extension from '../src/index.tsx';
import { PLUGIN_URL } from '../src/pluginUrl.ts';

const EVERY_MS = 500;
const stamp = new URL('built.txt', PLUGIN_URL);
let first;

async function look() {
  const built = await fetch(stamp, { cache: 'no-store' })
    .then((response) => (response.ok ? response.text() : first))
    .catch(() => first); // the server is being started anew
  first ??= built;
  if (built !== first) return location.reload();
  setTimeout(look, EVERY_MS);
}
void look();

export default extension;
