import type { Answer } from './types';

/** How long one request may take, ms. */
const PATIENCE_MS = 60_000;
/** Codes of Node's network, in words. */
const FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name is not known',
  ECONNRESET: 'the connection was cut',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
};
const UNTRUSTED = /CERT|SIGNED|ISSUER/;

/** Asks an address as a browser does. Never throws: what failed is in the answer. */
export async function ask(
  url: string,
  init: {
    readonly method?: string;
    readonly headers?: Record<string, string>;
    readonly body?: Uint8Array;
  } = {},
): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(url, { ...init, body: init.body as BodyInit | undefined, signal });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const headers = Object.fromEntries(response.headers);
    const type = (headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
    const { status } = response;
    return {
      url,
      status,
      failure: '',
      type,
      headers,
      bytes,
      text: new TextDecoder().decode(bytes),
    };
  } catch (error) {
    const nothing = { type: '', headers: {}, bytes: new Uint8Array(), text: '' };
    return { url, status: 0, failure: inWords(error), ...nothing };
  }
}

function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${PATIENCE_MS / 1000} s`;
  const { cause } = error as { cause?: { readonly code?: string; readonly message?: string } };
  const code = cause?.code ?? '';
  if (FAILURES[code]) return FAILURES[code];
  if (UNTRUSTED.test(code)) {
    return `its certificate is not trusted here (${code}); name yours with NODE_EXTRA_CA_CERTS=FILE`;
  }
  return cause?.message || error.message;
}

/** What an answer that is not the expected one was. */
export function saidInstead({ status, type, failure }: Answer): string {
  if (failure) return failure;
  if (status === 200 && type === 'text/html') return 'a page (200, text/html)';
  return type ? `${status}, ${type}` : `${status}`;
}
