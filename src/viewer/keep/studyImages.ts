import { planeHeightAt } from '../../series/geometry';
import type { Slice } from '../../series/types';
import { instanceOf, number, text } from '../host/instance';
import {
  cornerstoneOf,
  type CornerstoneLibraries,
  type DisplaySet,
  type ExtensionParams,
  type Instance,
} from '../host/ohif';
import type { LevelMark } from '../mark/types';
import { imageIdsOf, labelOf } from '../study/target';
import { customization } from '../host/settings';
import { planeOf } from './levelToReport';
import type { ExportedImage, ExportedPatient, ExportedSeries } from './levelTable';

/** What the viewer knows of the images that marks lie in. */
export class StudyImages {
  constructor(private readonly params: ExtensionParams) {}

  displaySetOf({ displaySetInstanceUID }: LevelMark): DisplaySet | undefined {
    return this.displaySets.getDisplaySetByUID(displaySetInstanceUID);
  }

  /** The display set of a series, if the viewer has it. */
  ofSeries(seriesInstanceUID: string): DisplaySet | undefined {
    return this.displaySets
      .getActiveDisplaySets()
      .find((one) => one.SeriesInstanceUID === seriesInstanceUID);
  }

  describe(displaySet: DisplaySet | undefined): ExportedSeries {
    if (!displaySet) return { number: '', description: '', modality: '', slices: null };
    const { number, description, modality, sliceCount } = labelOf(displaySet);
    return { number, description, modality, slices: sliceCount };
  }

  patientOf(instance: Instance | undefined): ExportedPatient {
    return {
      patientID: text(instance?.PatientID),
      accessionNumber: text(instance?.AccessionNumber),
    };
  }

  /** Whether the admin lets files tell of the patient. */
  get mayNamePatient(): boolean {
    const { customizationService } = this.params.servicesManager.services;
    return customization(customizationService, 'findL3.exportPatient');
  }

  /** What files name a study by: accession number where the admin lets it be told, else its UID. */
  studyName({ accessionNumber }: ExportedPatient, studyInstanceUID: string | null): string | null {
    return (this.mayNamePatient ? accessionNumber : null) ?? studyInstanceUID;
  }

  /** The image that a mark lies on, as a table tells it. */
  exportedImage(mark: LevelMark): ExportedImage {
    const { slice } = mark;
    const instance = instanceOf(slice?.imageId, this.libraries);
    if (!slice || !instance) {
      return { instanceNumber: null, sliceNumber: null, sliceZMm: null, thicknessMm: null };
    }
    const plane = planeOf(mark, this.libraries);
    return {
      instanceNumber: number(instance.InstanceNumber),
      sliceNumber: slice.frameNumber ?? this.numberInStack(slice.imageId),
      sliceZMm: plane && planeHeightAt(plane, mark.pointLpsMm),
      thicknessMm: number(instance.SliceThickness),
    };
  }

  planeOf(mark: LevelMark): Slice | null {
    return planeOf(mark, this.libraries);
  }

  /**
   * The values of the image that a mark lies on, row by row, in modality units where the host has them.
   *
   * @throws what the host's image loader says
   */
  async pixelsOf(
    mark: LevelMark,
  ): Promise<{ readonly values: ArrayLike<number>; readonly modality: string } | null> {
    const { slice } = mark;
    if (!slice) return null;
    const image = await this.libraries.cornerstone.imageLoader.loadAndCacheImage(slice.imageId);
    const pixels = image.voxelManager?.getScalarData() ?? image.getPixelData();
    const isScaled = image.preScale?.scaled === true;
    const values = isScaled
      ? pixels
      : Float32Array.from(pixels, (value) => value * image.slope + image.intercept);
    const { modality } = this.describe(this.ofSeries(slice.seriesInstanceUID));
    return { values, modality };
  }

  private numberInStack(imageId: string): number | null {
    const numbers = this.displaySets
      .getActiveDisplaySets()
      .map((one) => imageIdsOf(one, this.params.extensionManager).indexOf(imageId) + 1);
    return numbers.find((found) => found > 0) ?? null;
  }

  /** A series of images of a study, if the viewer has one. */
  imagesOf(studyInstanceUID: string): DisplaySet | undefined {
    return this.displaySets
      .getActiveDisplaySets()
      .find(
        (one) => one.StudyInstanceUID === studyInstanceUID && this.firstImage(one) !== undefined,
      );
  }

  /** An image of the mark's study, as the host knows it. */
  imageOf(mark: LevelMark): Instance | undefined {
    return (
      instanceOf(mark.slice?.imageId, this.libraries) ?? this.firstImage(this.displaySetOf(mark))
    );
  }

  firstImage(displaySet: DisplaySet | undefined): Instance | undefined {
    if (!displaySet || displaySet.Modality === 'SR') return undefined;
    const [first] = imageIdsOf(displaySet, this.params.extensionManager);
    return instanceOf(first, this.libraries);
  }

  private get displaySets() {
    return this.params.servicesManager.services.displaySetService;
  }

  private get libraries(): CornerstoneLibraries {
    return cornerstoneOf(this.params.extensionManager);
  }
}
