import type { DisplaySet, Services } from '../host/ohif';

/** What can be searched; the two need different windows and planes. */
export type Modality = 'CT' | 'MR';

/** Who says what a series is whose file does not: its own values, the address of the page, or a person. */
export type ModalitySource = 'values' | 'address' | 'person';

interface Assumption {
  readonly modality: Modality;
  readonly source: ModalitySource;
}

const SOP_CLASS = { CT: '1.2.840.10008.5.1.4.1.1.2', MR: '1.2.840.10008.5.1.4.1.1.4' } as const;

/** What the header of an image says by which the two differ, as the host naturalises it. */
export function headerOf(modality: Modality) {
  return {
    Modality: modality,
    SOPClassUID: SOP_CLASS[modality],
    RescaleType: modality === 'CT' ? 'HU' : undefined,
  };
}

/** The modalities of one viewer's series whose files state none, while the page stays open. */
export class AssumedModalities {
  private static readonly all = new WeakMap<Services, AssumedModalities>();

  private readonly bySeries = new Map<string, Assumption>();

  /** The ones of a viewer. */
  static of(services: Services): AssumedModalities {
    let assumed = this.all.get(services);
    if (!assumed) this.all.set(services, (assumed = new AssumedModalities()));
    return assumed;
  }

  /** What a person chose for a series, also before it was closed and opened again. */
  readonly chosen = (seriesInstanceUID: string): Modality | undefined => {
    const assumption = this.bySeries.get(seriesInstanceUID);
    return assumption?.source === 'person' ? assumption.modality : undefined;
  };

  /** Notes how a series was opened; what a person chose stays. */
  note(seriesInstanceUID: string, assumption: Assumption): void {
    if (this.chosen(seriesInstanceUID) === undefined) {
      this.bySeries.set(seriesInstanceUID, assumption);
    }
  }

  /** Undefined for a series whose own header says its modality. */
  sourceOf({ SeriesInstanceUID = '' }: DisplaySet): ModalitySource | undefined {
    return this.bySeries.get(SeriesInstanceUID)?.source;
  }

  /**
   * A person says what a series is: the host's header of each of its images says so from now on, under the
   * same UIDs.
   *
   * @returns whether that is news; false as well for a series whose own header says its modality
   */
  choose(displaySet: DisplaySet, modality: Modality): boolean {
    const { SeriesInstanceUID = '', Modality: before, instances = [] } = displaySet;
    if (!this.bySeries.has(SeriesInstanceUID)) return false;
    this.bySeries.set(SeriesInstanceUID, { modality, source: 'person' });
    for (const instance of instances) Object.assign(instance, headerOf(modality));
    Object.assign(displaySet, { Modality: modality });
    return before !== modality;
  }
}
