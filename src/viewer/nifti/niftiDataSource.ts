import { cornerstoneOf, type ExtensionManager } from '../host/ohif';
import { explain } from '../host/problem';
import type { NiftiOpener } from './niftiOpener';
import { registerNiftiLoader } from './niftiImageLoader';
import { SOURCE_NAME } from './names';
import { niftiStudy } from './niftiStudy';
import type { NiftiSource } from './niftiStore';

/** OHIF's data source for studies that are described in JSON. */
const DICOM_JSON = '@ohif/extension-default.dataSourcesModule.dicomjson';

interface Initialization {
  readonly query: URLSearchParams;
  readonly params?: object;
}

/** The part of a data source of OHIF that is changed here; the rest is handed on. */
interface DataSource {
  initialize(options: Initialization & { readonly url?: string }): Promise<unknown>;
  getStudyInstanceUIDs(options: Initialization): readonly string[] | undefined;
  readonly store: object;
}

interface DataSourceEntry {
  createDataSource(
    configuration: object,
    servicesManager: unknown,
    extensionManager: unknown,
  ): DataSource;
}

/**
 * A data source of OHIF for NIfTI files: each file becomes a study in JSON for OHIF's own data
 * source of such studies, with images that the NIfTI loader loads. The query names the files:
 * `url` (on the viewer's own server) or `file` (dropped), either of them repeatedly, and `modality`
 * where it is known.
 */
export function createNiftiDataSource(
  configuration: object,
  servicesManager: unknown,
  extensionManager: ExtensionManager,
  opener: NiftiOpener,
): DataSource {
  const entry = extensionManager.getModuleEntry(DICOM_JSON) as unknown as
    DataSourceEntry | undefined;
  if (!entry) throw new Error(`NIfTI files need OHIF's data source ${DICOM_JSON}`);
  const inner = entry.createDataSource(configuration, servicesManager, extensionManager);
  const studyUIDs = new Map<string, string>();
  return {
    ...inner,
    async initialize({ query, params }) {
      if (!window.location.pathname.split('/').includes(SOURCE_NAME)) {
        await handBack(extensionManager);
        return;
      }
      const sources = sourcesOf(query);
      try {
        const libraries = cornerstoneOf(extensionManager);
        registerNiftiLoader(libraries, opener.store.volumeOf);
        const files = await opener.open(sources, modalityOf(query));
        const study = niftiStudy(files);
        studyUIDs.set(query.toString(), study.StudyInstanceUID);
        const url = new URL(`find-l3-nifti/${study.StudyInstanceUID}.json`, window.location.origin);
        await answering(url.href, JSON.stringify({ studies: [study] }), () =>
          inner.initialize({
            query: new URLSearchParams({ url: url.href }),
            params,
            url: url.href,
          }),
        );
      } catch (error) {
        opener.report(explain(error));
      }
    },
    getStudyInstanceUIDs({ query }) {
      const uid = studyUIDs.get(query.toString());
      return uid === undefined ? [] : [uid];
    },
    store: {
      dicom: () =>
        Promise.reject(new Error('A NIfTI file comes from no PACS, so there is none to store in.')),
    },
  };
}

/**
 * The host keeps the last data source as the active one, for its list of studies too; that list is
 * the default source's.
 */
async function handBack(extensionManager: ExtensionManager): Promise<void> {
  // The list of studies listens for the change only after this call.
  await Promise.resolve();
  const { defaultDataSourceName } = extensionManager;
  if (defaultDataSourceName) extensionManager.setActiveDataSource?.(defaultDataSourceName);
}

function sourcesOf(query: URLSearchParams): readonly NiftiSource[] {
  return [
    ...query.getAll('url').map((url) => ({ kind: 'url', url }) as const),
    ...query.getAll('file').map((id) => ({ kind: 'dropped', id }) as const),
  ];
}

function modalityOf(query: URLSearchParams): 'CT' | 'MR' | undefined {
  const stated = query.get('modality')?.toUpperCase();
  return stated === 'CT' || stated === 'MR' ? stated : undefined;
}

/**
 * Answers requests for one address from memory while `run` lasts: OHIF's JSON data source takes
 * studies only from http(s) addresses, and there is no server behind a dropped file.
 */
async function answering<T>(address: string, json: string, run: () => Promise<T>): Promise<T> {
  const real = window.fetch;
  const answer: typeof fetch = (input, init) => {
    const asked = input instanceof Request ? input.url : String(input);
    if (asked !== address) return real.call(window, input, init);
    return Promise.resolve(new Response(json, { headers: { 'Content-Type': 'application/json' } }));
  };
  window.fetch = answer;
  try {
    return await run();
  } finally {
    if (window.fetch === answer) window.fetch = real;
  }
}
