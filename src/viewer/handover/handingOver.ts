import { zipSync } from 'fflate';
import { say, sayMessage } from '../../text/say';
import { referenceTo } from '../host/instance';
import { instanceFile } from '../host/instanceFile';
import type { LocalFiles } from '../host/localFiles';
import { cornerstoneOf, type ExtensionParams } from '../host/ohif';
import { Grid } from '../host/grid';
import { explain } from '../host/problem';
import { download } from '../keep/download';
import { exportName } from '../keep/exportName';
import { StudyImages } from '../keep/studyImages';
import { no, POSSIBLE } from '../keep/types';
import type { LevelMark } from '../mark/types';
import type { FindL3State, ViewerState, Writer } from '../state';
import { imageIdsOf } from '../study/target';
import { ReadersSlice, type LevelSlice } from './readersSlice';
import { MOST_AROUND, type HandOverNote, type HandOverState } from './types';

const DICOM = 'application/dicom';
const ZIP = 'application/zip';
/** Files that are read at a time. */
const CONCURRENCY = 4;

/** Hands on the slice at L3, as the reader's series has it: its DICOM file, or its name. */
export class HandingOver {
  private readonly writer: Writer<Pick<FindL3State, 'handOver'>>;
  private readonly images: StudyImages;
  private marked: (() => LevelMark | undefined) | null = null;
  private readers: ReadersSlice | null = null;
  private reading: AbortController | null = null;
  private ends: readonly (() => void)[] = [];

  constructor(
    private readonly params: ExtensionParams,
    private readonly state: ViewerState,
    private readonly localFiles: LocalFiles,
  ) {
    this.writer = state.writer('handOver');
    this.images = new StudyImages(params);
  }

  /**
   * Starts to follow the mark and what the reader looks at.
   *
   * @param marked the current mark
   */
  enter(marked: () => LevelMark | undefined): void {
    if (this.marked) return;
    this.marked = marked;
    this.readers = new ReadersSlice(this.params);
    const { services } = this.params.servicesManager;
    const refresh = () => this.refresh();
    let before: unknown = null;
    this.ends = [
      new Grid(services).onChange(refresh),
      this.state.subscribe(() => {
        const { mark } = this.state.get().marking;
        if (Object.is(mark, before)) return;
        before = mark;
        refresh();
      }),
    ];
    refresh();
  }

  leave(): void {
    this.reading?.abort();
    this.reading = null;
    this.ends.forEach((end) => end());
    this.ends = [];
    this.marked = null;
    this.readers = null;
    this.writer.reset();
  }

  /**
   * Downloads the slice at L3 as it is stored, or with so many slices above and below as a zip file.
   *
   * @param around 0 to 10
   */
  async downloadSlices({ around = 0 }: { readonly around?: number } = {}): Promise<void> {
    const slice = this.sliceOrSay();
    if (!slice || this.reading) return;
    const reading = new AbortController();
    this.reading = reading;
    this.set({ isReading: true, note: null });
    try {
      const wanted = this.around(slice, Math.min(MOST_AROUND, Math.max(0, Math.round(around))));
      const files = await this.read(wanted, reading.signal);
      reading.signal.throwIfAborted();
      this.give(slice, files);
      this.tell({ kind: 'downloaded', count: files.length });
    } catch (error) {
      if (!reading.signal.aborted) this.tell({ kind: 'failed', error });
    } finally {
      if (this.reading === reading) {
        this.reading = null;
        this.set({ isReading: false });
      }
    }
  }

  /** Copies SOP Instance UID and height of the slice, apart by a tab, as a spreadsheet takes them. */
  async copyName(): Promise<void> {
    const slice = this.sliceOrSay();
    if (!slice) return;
    const text = `${slice.sopInstanceUID}\t${slice.zMm.toFixed(2)}`;
    try {
      if (!navigator.clipboard) return this.tell({ kind: 'no-clipboard', text });
      await navigator.clipboard.writeText(text);
      this.tell({ kind: 'copied' });
    } catch {
      this.tell({ kind: 'no-clipboard', text });
    }
  }

  private sliceOrSay(): LevelSlice | null {
    const { possible, slice } = this.handOver;
    if (possible.possible) return slice;
    const message = sayMessage(possible.why);
    this.services.uiNotificationService.show({ title: say('title'), message, type: 'info' });
    return null;
  }

  /** The slice and its neighbours in the host's stack, each instance once. */
  private around(slice: LevelSlice, around: number): readonly Wanted[] {
    const { displaySetService } = this.services;
    const displaySet = displaySetService.getDisplaySetByUID(slice.displaySetInstanceUID);
    const imageIds = displaySet ? imageIdsOf(displaySet, this.params.extensionManager) : [];
    const at = slice.number - 1;
    const libraries = cornerstoneOf(this.params.extensionManager);
    const wanted = imageIds
      .slice(Math.max(0, at - around), at + around + 1)
      .flatMap((imageId, i): Wanted[] => {
        const sopInstanceUID = referenceTo(imageId, libraries)?.sopInstanceUID;
        const number = Math.max(0, at - around) + i + 1;
        return sopInstanceUID ? [{ imageId, sopInstanceUID, number }] : [];
      });
    return wanted.filter(
      ({ sopInstanceUID }, i) =>
        wanted.findIndex((one) => one.sopInstanceUID === sopInstanceUID) === i,
    );
  }

  private async read(wanted: readonly Wanted[], signal: AbortSignal): Promise<readonly Read[]> {
    const headers = this.services.userAuthenticationService?.getAuthorizationHeader?.() ?? {};
    const source = { headers, localFiles: this.localFiles, signal };
    const files: Read[] = [];
    for (let from = 0; from < wanted.length; from += CONCURRENCY) {
      const some = wanted.slice(from, from + CONCURRENCY).map(async (one) => {
        return { ...one, bytes: await instanceFile(one.imageId, one.sopInstanceUID, source) };
      });
      files.push(...(await Promise.all(some)));
    }
    return files;
  }

  private give(slice: LevelSlice, files: readonly Read[]): void {
    const { displaySetService } = this.services;
    const displaySet = displaySetService.getDisplaySetByUID(slice.displaySetInstanceUID);
    const study = this.images.studyName(
      this.images.patientOf(this.images.firstImage(displaySet)),
      displaySet?.StudyInstanceUID ?? null,
    );
    const series = slice.series.number === '' ? [] : [`series-${slice.series.number}`];
    const nameOf = ({ number }: Wanted) =>
      exportName(study, [...series, 'L3', `slice-${number}`], 'dcm');
    const [first] = files;
    if (files.length === 1) return download(new Uint8Array(first.bytes), DICOM, nameOf(first));
    const entries = Object.fromEntries(files.map((file) => [nameOf(file), file.bytes]));
    const name = exportName(study, [...series, 'L3', `${files.length}-slices`], 'zip');
    // Images hardly shrink, and what is inside is to stay as it is.
    download(new Uint8Array(zipSync(entries, { level: 0 })), ZIP, name);
  }

  private refresh(): void {
    const mark = this.marked?.();
    const slice = (mark && this.readers?.of(mark)) ?? null;
    const possible = slice ? POSSIBLE : no(mark ? 'hand.noSlice' : 'keep.markFirst');
    const before = this.handOver;
    const isSame =
      JSON.stringify([slice, possible]) === JSON.stringify([before.slice, before.possible]);
    if (!isSame) this.set({ slice, possible, note: null });
  }

  private tell(note: HandOverNote): void {
    this.set({ note });
    if (note.kind !== 'failed') return;
    const { message, advice } = explain(note.error);
    this.services.uiNotificationService.show({
      title: say('title'),
      message: `${message} ${advice}`,
      type: 'error',
    });
  }

  private get handOver(): HandOverState {
    return this.state.get().handOver;
  }

  private set(change: Partial<HandOverState>): void {
    if (this.marked) this.writer.set({ handOver: { ...this.handOver, ...change } });
  }

  private get services() {
    return this.params.servicesManager.services;
  }
}

interface Wanted {
  readonly imageId: string;
  readonly sopInstanceUID: string;
  /** 1-based, in the order of the host's stack. */
  readonly number: number;
}

interface Read extends Wanted {
  readonly bytes: Uint8Array;
}
