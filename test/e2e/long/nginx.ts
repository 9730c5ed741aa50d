import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../orthanc';

const PROGRAM = '/usr/sbin/nginx';
const STARTS_WITHIN_MS = 20_000;

export const INSTALL_NGINX = 'apt-get install nginx-light openssl';

export function nginxIsInstalled(): boolean {
  return existsSync(PROGRAM) && existsSync('/usr/bin/openssl');
}

/** Puts other values in place of those that an admin changes; each must stand there once. */
export function changed(text: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((now, [from, to]) => {
    const parts = now.split(from);
    if (parts.length !== 2) throw new Error(`"${from}" stands ${parts.length - 1} times there`);
    return parts.join(to);
  }, text);
}

/** nginx as it is shipped, with the shipped files of `deploy/nginx`. */
export class Nginx {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    /** `https://127.0.0.1:PORT`, with a certificate of its own. */
    readonly origin: string,
    /** The file of its certificate. */
    readonly certificate: string,
  ) {}

  /**
   * @param shipped folder with the shipped files
   * @param root folder with the viewer
   * @param pacs `host:port` of the PACS
   */
  static async start(shipped: string, root: string, pacs: string): Promise<Nginx> {
    const folder = await mkdtemp(path.join(tmpdir(), 'find-l3-nginx-'));
    const [tls, plain] = [await freePort(), await freePort()];
    const certificate = path.join(folder, 'viewer.crt');
    const key = path.join(folder, 'viewer.key');
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...['-keyout', key, '-out', certificate, '-days', '2', ...subject],
      ],
      { stdio: 'ignore' },
    );
    const conf = await readFile(path.join(shipped, 'find-l3.conf'), 'utf8');
    const site = changed(conf, {
      'include /etc/nginx/find-l3-csp.conf;': `include ${path.join(shipped, 'find-l3-csp.conf')};`,
      'server 127.0.0.1:8042;': `server ${pacs};`,
      'listen 80;': `listen 127.0.0.1:${plain};`,
      'listen 443 ssl http2;': `listen 127.0.0.1:${tls} ssl http2;`,
      '/etc/nginx/tls/viewer.crt': certificate,
      '/etc/nginx/tls/viewer.key': key,
      'root /srv/ohif;': `root ${root};`,
    });
    await writeFile(path.join(folder, 'find-l3.conf'), site);
    await mkdir(path.join(folder, 'tmp'));
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/tmp/${name};`,
    );
    // What Debian's own nginx.conf holds, without its folders.
    const main = `
      ${process.getuid?.() === 0 ? 'user root;' : ''}
      worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log; daemon off;
      events { worker_connections 768; }
      http {
        sendfile on; tcp_nopush on; types_hash_max_size 2048; access_log off; ${temporary.join(' ')}
        include /etc/nginx/mime.types; default_type application/octet-stream;
        include ${folder}/find-l3.conf;
      }`;
    await writeFile(path.join(folder, 'nginx.conf'), main);
    const child = spawn(PROGRAM, ['-p', folder, '-c', path.join(folder, 'nginx.conf')], {
      stdio: 'ignore',
    });
    const nginx = new Nginx(child, folder, `https://127.0.0.1:${tls}`, certificate);
    const latest = Date.now() + STARTS_WITHIN_MS;
    // The plain port answers first of all, with a redirect.
    const answers = () =>
      fetch(`http://127.0.0.1:${plain}/`, { redirect: 'manual' }).then(
        ({ status }) => status === 301,
        () => false,
      );
    while (!(await answers())) {
      if (child.exitCode !== null || Date.now() > latest) {
        const why = await readFile(path.join(folder, 'error.log'), 'utf8').catch(() => '');
        await nginx.stop();
        throw new Error(`nginx did not start: ${why}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return nginx;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = new Promise((resolve) => this.child.once('exit', resolve));
      this.child.kill('SIGTERM');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}
