import { Problem } from '../host/problem';

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
      { key: 'problem.noModel' },
      {
        key: 'problem.noModelAdvice',
        values: { folder: new URL('models/', pluginUrl).href },
      },
    );
  }
  return new URL(`models/${encodeURIComponent(name)}/`, pluginUrl).href;
}
