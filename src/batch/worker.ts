import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openFiles } from '../io/openInput';
import { openModelPackage } from '../model/node';
import type { LevelModel } from '../model/types';
import { answerSeries, lineOfFailure, lineOfSeries } from './answerSeries';
import type { SeriesAnswer } from './answerSeries';
import { reportContent } from './reportContent';
import type {
  FromWorker,
  SearchedLine,
  SearchedSeries,
  SearchTask,
  ToWorker,
} from './workerMessages';
import { pictureStem, writePicture } from './writePicture';

type Setting = Extract<ToWorker, { kind: 'open' }>;

/** Serves the process that started this one: one series after the other, until it stops or is gone. */
export function serve(): void {
  const stop = new AbortController();
  let opened: Promise<{ model: LevelModel; setting: Setting }> | null = null;
  // Ctrl-C reaches the whole group; the one that started this decides.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit());
  process.on('message', (message: ToWorker) => {
    if (message.kind === 'stop') {
      stop.abort();
      process.disconnect();
    } else if (message.kind === 'open') {
      opened = openModelPackage(message.model).then((model) => ({ model, setting: message }));
      opened.then(
        () => tell({ kind: 'opened' }),
        (error: unknown) => tell({ kind: 'not-opened', message: messageOf(error) }),
      );
    } else {
      if (!opened) throw new Error('A series came before the model');
      opened
        .then(({ model, setting }) => search(message, model, setting, stop.signal))
        .then((answered) => tell({ kind: 'answered', ...answered }))
        .catch((error: unknown) => {
          if (stop.signal.aborted) return;
          throw error;
        });
    }
  });
}

async function search(
  { input, paths, pictureMark }: SearchTask,
  model: LevelModel,
  { modality, pictures, threads, reports }: Setting,
  signal: AbortSignal,
): Promise<SearchedSeries> {
  const lines: SearchedLine[] = [];
  let pictureFault: string | null = null;
  const options = { ...(modality && { modality }), threads, signal };
  for await (const item of openFiles(input, paths, options)) {
    if (item.kind === 'failure') {
      lines.push({ line: lineOfFailure(item, model.manifest), picture: null, report: null });
      continue;
    }
    const answer = await answerSeries(item, model, { signal });
    const line = lineOfSeries(item, model, answer);
    const mark = lines.length === 0 ? pictureMark : `${pictureMark}-${lines.length + 1}`;
    const picture = pictures
      ? await draw(answer, item.description.uid, mark, pictures).catch((error: unknown) => {
          pictureFault = messageOf(error);
          return null;
        })
      : null;
    const found = 'finding' in answer && answer.finding.status === 'found' ? answer.finding : null;
    const report = reports && found ? await reportContent(item, found) : null;
    lines.push({ line, picture, report });
  }
  return { lines, pictureFault };
}

/** Draws what has a picture. @returns the name of the file. */
async function draw(
  answer: SeriesAnswer,
  uid: string,
  nameMark: string,
  { folder, mark }: NonNullable<Setting['pictures']>,
): Promise<string | null> {
  if (!('finding' in answer) || answer.finding.status === 'refused') return null;
  const { finding } = answer;
  const name = `${pictureStem(finding.series.modality, uid)}-${nameMark}.png`;
  await writePicture(
    finding,
    uid,
    join(folder, name),
    join(folder, `.${mark}.${randomUUID()}.tmp`),
  );
  return name;
}

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
