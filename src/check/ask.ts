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

/** What Node says of a connection that the server closed. */
const CUT = /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/;

/** How a question is asked; it changes nothing on the server. */
interface Question {
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Asks an address as a browser does: once more where a connection was cut, be it in the middle of the answer. Never throws: what failed is
 * in the answer.
 */
export async function ask(url: string, question: Question = {}): Promise<Answer> {
  try {
    const { response, bytes } = await once(url, question).catch((error) => {
      if (CUT.test(codeOf(error))) return once(url, question);
      throw error;
    });
    const headers = Object.fromEntries(response.headers);
    const type = (headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
    const text = new TextDecoder().decode(bytes);
    return { url, status: response.status, failure: '', type, headers, bytes, text };
  } catch (error) {
    const nothing = { type: '', headers: {}, bytes: new Uint8Array(), text: '' };
    return { url, status: 0, failure: inWords(error), ...nothing };
  }
}

/** One question, with the whole of its answer. */
async function once(url: string, question: Question) {
  const response = await fetch(url, { ...question, signal: AbortSignal.timeout(PATIENCE_MS) });
  return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
}

function codeOf(error: unknown): string {
  return (error as { cause?: { code?: string } } | null)?.cause?.code ?? '';
}

function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${PATIENCE_MS / 1000} s`;
  const code = codeOf(error);
  if (FAILURES[code]) return FAILURES[code];
  if (UNTRUSTED.test(code)) {
    return `its certificate is not trusted here (${code}); name yours with NODE_EXTRA_CA_CERTS=FILE`;
  }
  const { cause } = error;
  return (cause instanceof Error && cause.message) || error.message;
}

/** What an answer that is not the expected one was. */
export function saidInstead({ status, type, failure }: Answer): string {
  if (failure) return failure;
  if (status === 200 && type === 'text/html') return 'a page (200, text/html)';
  return type ? `${status}, ${type}` : `${status}`;
}
