import { customization, type LargeSeriesLimits } from '../host/settings';
import { instanceOf } from '../host/instance';
import { cornerstoneOf, type ExtensionParams } from '../host/ohif';

/** What a search has to read of a series. */
export interface SeriesSize {
  readonly images: number;
  /** Uncompressed; a server may send less. */
  readonly bytes: number;
}

const USUAL_BITS = 16;

/**
 * How much of a series is read, from what its images say of themselves.
 *
 * @param attributes naturalised DICOM of each image
 */
function sizeOfSeries(attributes: readonly Readonly<Record<string, unknown>>[]): SeriesSize {
  const bytes = attributes.map(({ Rows, Columns, BitsAllocated }) => {
    const pixels = (Number(Rows) || 0) * (Number(Columns) || 0);
    return (pixels * (Number(BitsAllocated) || USUAL_BITS)) / 8;
  });
  return { images: attributes.length, bytes: bytes.reduce((sum, each) => sum + each, 0) };
}

function isLarge({ images, bytes }: SeriesSize, limits: LargeSeriesLimits): boolean {
  return images > limits.images || bytes > limits.megabytes * 1e6;
}

/** The size of a series about which a person is asked; null where it is read without asking. */
export function sizeIfLarge(
  imageIds: readonly string[],
  { extensionManager, servicesManager }: ExtensionParams,
): SeriesSize | null {
  const libraries = cornerstoneOf(extensionManager);
  const size = sizeOfSeries(imageIds.map((imageId) => instanceOf(imageId, libraries) ?? {}));
  const { customizationService } = servicesManager.services;
  return isLarge(size, customization(customizationService, 'findL3.largeSeries')) ? size : null;
}
