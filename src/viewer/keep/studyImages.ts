import { instanceOf } from '../host/instance';
import {
  cornerstoneOf,
  type CornerstoneLibraries,
  type DisplaySet,
  type ExtensionParams,
  type Instance,
} from '../host/ohif';
import type { LevelMark } from '../mark/types';
import { imageIdsOf } from '../study/target';
import type { ExportedLevel } from './levelTable';

/** What the viewer knows of the images that marks lie in. */
export class StudyImages {
  constructor(private readonly params: ExtensionParams) {}

  displaySetOf({ displaySetInstanceUID }: LevelMark): DisplaySet | undefined {
    return this.displaySets.getDisplaySetByUID(displaySetInstanceUID);
  }

  seriesOf(mark: LevelMark): ExportedLevel['series'] {
    const displaySet = this.displaySetOf(mark);
    const number = displaySet?.SeriesNumber;
    return {
      number: number === undefined ? '' : String(number),
      description: displaySet?.SeriesDescription ?? '',
      modality: displaySet?.Modality ?? '',
    };
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
