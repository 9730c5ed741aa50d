import { stat } from 'node:fs/promises';
import { answerSeries, lineOfFailure, lineOfSeries } from '../batch/answerSeries';
import { byCause, filesText } from '../io/causes';
import { openInput } from '../io/openInput';
import type { InputFailure, LoadedSeries } from '../io/types';
import type { LevelModel } from '../model/types';
import { batch } from './batch';
import { check } from './check';
import { EXIT } from './host';
import type { CliHost } from './host';
import { readOptions } from './options';
import type { CliOptions } from './options';
import { PictureFolder } from './pictureFolder';
import { ProgressLines } from './progress';
import { findingText } from './text';
import { watch } from './watch';

/**
 * `find-l3 PATH... [--json] [--model DIR] [--out DIR] [--modality CT|MR]`, or a command: `batch`, `watch`, `check`.
 *
 * @param args the arguments after the program's name.
 * @returns the exit status.
 */
export async function main(args: readonly string[], host: CliHost): Promise<number> {
  if (args[0] === 'batch') return batch(args.slice(1), host);
  if (args[0] === 'watch') return watch(args.slice(1), host);
  if (args[0] === 'check') return check(args.slice(1), host);
  const options = readOptions(args, {
    stdout: (text) => host.stdout.write(text),
    stderr: (text) => host.stderr.write(text),
  });
  if (typeof options === 'number') return options;
  try {
    return await new Run(options, host).all();
  } catch (error) {
    if (host.signal.aborted) return EXIT.interrupted;
    throw error;
  }
}

class Run {
  private readonly progress: ProgressLines;
  private status: number = EXIT.ok;

  constructor(
    private readonly options: CliOptions,
    private readonly host: CliHost,
  ) {
    this.progress = new ProgressLines(host.stderr);
  }

  async all(): Promise<number> {
    const { options, host } = this;
    const directory = options.model ?? host.defaultModel;
    if (options.model !== null && !(await isFolder(options.model))) {
      this.complain(`${options.model}: --model needs the folder of a model package`);
      return EXIT.usage;
    }
    let model: LevelModel;
    let pictures: PictureFolder | null;
    try {
      pictures = options.out === null ? null : await PictureFolder.open(options.out);
      this.progress.show('find-l3', 'model');
      model = await host.openModel(directory);
    } catch (error) {
      host.signal.throwIfAborted();
      this.complain(messageOf(error));
      return EXIT.unreadable;
    } finally {
      this.progress.clear();
    }
    try {
      for (const path of options.paths) await this.input(path, model, pictures);
    } finally {
      this.progress.clear();
      await model.dispose();
    }
    if (!options.json) await this.print('Not for diagnostic use.');
    return this.status;
  }

  private async input(path: string, model: LevelModel, pictures: PictureFolder | null) {
    const { options, host } = this;
    const skipped: { path: string; what: string; advice: string }[] = [];
    const items = openInput(path, {
      ...(options.modality && { modality: options.modality }),
      signal: host.signal,
      onSkip: (file, what) => skipped.push({ path: file, what, advice: '' }),
      onProgress: ({ done, of }) => {
        if (of > 1) this.progress.show(path, 'looking through files', done, of);
      },
    });
    for await (const item of items) {
      host.signal.throwIfAborted();
      if (item.kind === 'failure') {
        await this.failed(item, null, model);
      } else {
        await this.series(item, model, pictures);
      }
    }
    if (skipped.length === 0) return;
    this.progress.clear();
    const what =
      skipped.length === 1
        ? '1 file that is no image'
        : `${skipped.length} files that are no images`;
    host.stderr.write(`${path}: passed over ${what}\n`);
    for (const { what, paths } of byCause(skipped)) {
      host.stderr.write(`  ${filesText(paths)}: ${what}\n`);
    }
  }

  private async series(loaded: LoadedSeries, model: LevelModel, pictures: PictureFolder | null) {
    const outcome = await answerSeries(loaded, model, {
      signal: this.host.signal,
      onProgress: ({ stage, done, of }) => this.progress.show(loaded.path, stage, done, of),
    });
    this.host.signal.throwIfAborted();
    if ('failure' in outcome) return this.failed(outcome.failure, loaded, model);
    const { finding } = outcome;
    this.progress.clear();
    if (pictures && finding.status !== 'refused') {
      try {
        const picture = await pictures.write(finding, loaded.description.uid);
        this.host.stderr.write(`${loaded.path}: drawn in ${picture}\n`);
      } catch (error) {
        this.status = EXIT.unreadable;
        this.complain(messageOf(error));
      }
    }
    if (!this.options.json) return this.print(`${findingText(loaded, finding)}\n`);
    for (const { message, advice } of finding.warnings) {
      this.host.stderr.write(`${loaded.path}: ${message} ${advice}\n`);
    }
    return this.print(JSON.stringify(lineOfSeries(loaded, model, outcome)));
  }

  /** Tells of what could not be read; with `--json` it has a line too. */
  private async failed(failure: InputFailure, loaded: LoadedSeries | null, model: LevelModel) {
    this.status = EXIT.unreadable;
    this.complain(`${failure.message}. ${failure.advice}`);
    if (!this.options.json) return;
    const line = loaded
      ? lineOfSeries(loaded, model, { failure })
      : lineOfFailure(failure, model.manifest);
    await this.print(JSON.stringify(line));
  }

  private complain(text: string): void {
    this.progress.clear();
    this.host.stderr.write(`find-l3: ${text}\n`);
  }

  /** Writes a line to stdout and waits until it is taken, so that a slow reader slows us down. */
  private print(line: string): Promise<void> {
    return new Promise((done) => this.host.stdout.write(`${line}\n`, () => done()));
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
