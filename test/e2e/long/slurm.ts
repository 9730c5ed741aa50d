import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, hostname } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../orthanc';

export const INSTALL_SLURM = 'apt-get install -y slurm-wlm munge';

/** Installs Slurm as Debian has it where that asks nothing. @returns whether it can run here: it takes root. */
export function installSlurm(): boolean {
  if (process.getuid?.() !== 0) return false;
  const programs = ['/usr/sbin/slurmctld', '/usr/sbin/slurmd', '/usr/sbin/munged'];
  const isThere = () => programs.every((program) => existsSync(program));
  const [program, ...args] = INSTALL_SLURM.split(' ');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  if (!isThere()) spawnSync(program, args, { stdio: 'ignore', env });
  return isThere();
}

/** A Slurm of one node, this machine, in a folder of its own. */
export class Slurm {
  private readonly daemons: ChildProcess[] = [];

  private constructor(private readonly folder: string) {}

  static async start(folder: string): Promise<Slurm> {
    const slurm = new Slurm(folder);
    try {
      await slurm.begin();
      return slurm;
    } catch (error) {
      await slurm.stop();
      throw error;
    }
  }

  /** Runs a program with this Slurm's configuration. */
  run(program: string, args: readonly string[], cwd = this.folder) {
    const env = { ...process.env, SLURM_CONF: join(this.folder, 'slurm.conf') };
    return spawnSync(program, args, { cwd, env, encoding: 'utf8' });
  }

  async stop(): Promise<void> {
    for (const daemon of this.daemons.reverse()) {
      if (daemon.exitCode !== null) continue;
      const ended = new Promise((done) => daemon.once('exit', done));
      daemon.kill('SIGTERM');
      await ended;
    }
  }

  private async begin(): Promise<void> {
    const at = (name: string) => join(this.folder, name);
    for (const name of ['munge', 'state', 'spool']) await mkdir(at(name));
    await writeFile(at('munge/key'), randomBytes(1024), { mode: 0o400 });
    // munged wants a folder that nobody else writes to, with a socket that everybody reaches.
    for (const name of ['munge', 'munge/key']) await chown(at(name), 0, 0);
    await chmod(at('munge'), 0o755);
    const [control, node] = [await freePort(), await freePort()];
    const host = hostname();
    await writeFile(
      at('slurm.conf'),
      [
        ...['ClusterName=find-l3', `SlurmctldHost=${host}(127.0.0.1)`, 'SlurmUser=root'],
        ...[`SlurmctldPort=${control}`, `SlurmdPort=${node}`, 'AuthType=auth/munge'],
        ...[`AuthInfo=socket=${at('munge/socket')}`, 'CredType=cred/munge'],
        ...[`StateSaveLocation=${at('state')}`, `SlurmdSpoolDir=${at('spool')}`],
        ...[`SlurmctldPidFile=${at('slurmctld.pid')}`, `SlurmdPidFile=${at('slurmd.pid')}`],
        ...['ProctrackType=proctrack/pgid', 'TaskPlugin=task/none', 'ReturnToService=2'],
        ...['SelectType=select/cons_tres', 'SelectTypeParameters=CR_Core', 'MpiDefault=none'],
        ...['JobAcctGatherType=jobacct_gather/none', 'SlurmctldTimeout=30', 'SlurmdTimeout=30'],
        `NodeName=${host} NodeAddr=127.0.0.1 CPUs=${availableParallelism()} State=UNKNOWN`,
        `PartitionName=all Nodes=${host} Default=YES MaxTime=INFINITE State=UP`,
        '',
      ].join('\n'),
    );
    this.daemon('/usr/sbin/munged', [
      ...['--foreground', '--force', '--key-file', at('munge/key'), '--socket', at('munge/socket')],
      ...[
        '--pid-file',
        at('munge/pid'),
        '--log-file',
        at('munge/log'),
        '--seed-file',
        at('munge/seed'),
      ],
    ]);
    await this.until(() => existsSync(at('munge/socket')));
    this.daemon('/usr/sbin/slurmctld', ['-D', '-f', at('slurm.conf'), '-L', at('slurmctld.log')]);
    this.daemon('/usr/sbin/slurmd', ['-D', '-f', at('slurm.conf'), '-L', at('slurmd.log')]);
    await this.until(() => /idle/.test(this.run('sinfo', ['-h', '-o', '%T']).stdout ?? ''));
  }

  private daemon(program: string, args: readonly string[]): void {
    this.daemons.push(
      spawn(program, args, {
        stdio: 'ignore',
        env: { ...process.env, SLURM_CONF: join(this.folder, 'slurm.conf') },
      }),
    );
  }

  private async until(what: () => boolean): Promise<void> {
    for (const latest = Date.now() + 60_000; !what();) {
      if (Date.now() > latest) throw new Error(`Slurm did not start: see ${this.folder}`);
      await new Promise((resume) => setTimeout(resume, 200));
    }
  }
}
