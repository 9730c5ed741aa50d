/** How long a server may take to say whether a file is there, ms. */
const PATIENCE_MS = 5_000;

/** The extension's files are no longer where the page took them from: it was updated meanwhile. */
export class ReplacedError extends Error {
  override readonly name = 'ReplacedError';

  constructor(url: string, options?: ErrorOptions) {
    super(`${url} is gone: the page is older than the files on the server`, options);
  }
}

/**
 * Whether a script that was there is gone. A viewer's server answers what it does not know with 404 or
 * with the viewer's page. A redirect (to a login), a refusal or no answer at all say nothing about it.
 *
 * @param url absolute URL of a script of the plugin folder
 */
export async function isReplaced(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(url, { method: 'HEAD', cache: 'no-store', signal });
    if (response.redirected) return false;
    const type = response.headers.get('Content-Type') ?? '';
    return response.ok ? /html/i.test(type) : [404, 410].includes(response.status);
  } catch {
    return false;
  }
}
