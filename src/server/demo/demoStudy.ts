import { keywordOf } from '../dicomweb/dataDictionary';
import { readHeader } from '../dicomweb/dicomHeader';
import { readInstanceAttributes, STUDY_ATTRIBUTES } from '../dicomweb/dicomIndex';
import { toDicomJson, type DicomJsonDataset, type DicomJsonValue } from '../dicomweb/dicomJson';

type Naturalised = Readonly<Record<string, unknown>>;

/** One image of a study as OHIF's dicomjson data source wants it. */
interface DemoInstance {
  readonly metadata: Naturalised;
  /** Where the viewer's image loader gets the file. */
  readonly url: string;
}

/** A study as OHIF's dicomjson data source reads it: one file with all metadata, images by address. */
export interface DemoStudy extends Naturalised {
  readonly StudyInstanceUID: string;
  readonly series: readonly (Naturalised & { readonly instances: readonly DemoInstance[] })[];
}

/**
 * @param files DICOM files of one study
 * @param addressOf the address at which a file is served
 * @throws DicomFileError where a file is no usable instance
 */
export async function demoStudy(
  files: readonly string[],
  addressOf: (file: string) => string,
): Promise<DemoStudy> {
  const series = new Map<string, { metadata: Naturalised; instances: DemoInstance[] }>();
  let study: Naturalised = {};
  for (const file of files) {
    const { seriesInstanceUID } = await readInstanceAttributes(file);
    const dataset = toDicomJson((await readHeader(file)).dataSet);
    const metadata = naturalised(dataset);
    const own = series.get(seriesInstanceUID) ?? { metadata, instances: [] };
    own.instances.push({ metadata, url: `dicomweb:${addressOf(file)}` });
    series.set(seriesInstanceUID, own);
    study = naturalised(
      Object.fromEntries(Object.entries(dataset).filter(([tag]) => STUDY_ATTRIBUTES.has(tag))),
    );
  }
  const modalities = [...series.values()].map(({ metadata }) => metadata.Modality);
  return {
    ...study,
    StudyInstanceUID: String(study.StudyInstanceUID),
    NumInstances: files.length,
    Modalities: [...new Set(modalities)].join('\\'),
    series: [...series.values()].map(({ metadata, instances }) => ({
      SeriesInstanceUID: metadata.SeriesInstanceUID,
      SeriesNumber: metadata.SeriesNumber,
      SeriesDescription: metadata.SeriesDescription,
      Modality: metadata.Modality,
      instances,
    })),
  };
}

/** Keywords for tags, one value for a list of one; sequences and binary values are left out. */
function naturalised(dataset: DicomJsonDataset): Naturalised {
  const entries = Object.entries(dataset).flatMap(([tag, { vr, Value }]) => {
    const keyword = keywordOf(tag);
    if (!keyword || vr === 'SQ' || !Value || Value.length === 0) return [];
    const values = Value.map(plain);
    return [[keyword, values.length === 1 ? values[0] : values] as const];
  });
  return Object.fromEntries(entries);
}

function plain(value: DicomJsonValue): unknown {
  return typeof value === 'object' && value && 'Alphabetic' in value ? value.Alphabetic : value;
}
