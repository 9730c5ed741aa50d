import { Problem } from './problem';

/**
 * The address of the model package in the plugin folder: `models/index.json` names it.
 *
 * @param pluginUrl absolute URL of the plugin folder, ending in a slash
 * @throws Problem when there is none
 */
export async function installedModelUrl(pluginUrl: string): Promise<string> {
  const indexUrl = new URL('models/index.json', pluginUrl);
  let name: unknown;
  try {
    const response = await fetch(indexUrl, { cache: 'no-cache' });
    if (response.ok) name = ((await response.json()) as { default?: unknown } | null)?.default;
  } catch {
    // Unreachable or no JSON (a viewer's server answers what it does not know with a page).
  }
  if (typeof name !== 'string' || name === '') {
    throw new Problem(
      'No model is installed.',
      `Ask whoever installed Find L3 to put a model package into ${new URL('models/', pluginUrl).href} and to name it in index.json there.`,
    );
  }
  return new URL(`models/${encodeURIComponent(name)}/`, pluginUrl).href;
}
