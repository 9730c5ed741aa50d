import { browserRuntime } from '../model/browser';
import { fetchManifest, fetchModelBytes } from '../model/fetchModelPackage';
import { openLevelModel } from '../model/openLevelModel';
import type { Endpoint } from './messages';
import { serveFinder } from './serveFinder';

// Entry of the worker bundle: a module worker that can be started at any base path, since the page
// tells it where its files are.
serveFinder(globalThis as unknown as Endpoint, (setup, onProgress) => {
  const manifest = fetchManifest(setup.modelUrl);
  const model = manifest.then(async (known) => {
    const modelBytes = await fetchModelBytes(setup.modelUrl, known, { onProgress });
    return openLevelModel({ manifest: known, modelBytes }, browserRuntime(setup));
  });
  return { manifest, model };
});
