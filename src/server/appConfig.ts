const DICOMWEB_ROOT = '/dicomweb';

/** What of OHIF's configuration depends on how the server was started. */
export interface AppConfigOptions {
  /** Addresses of the extensions to load. */
  extensions: readonly string[];
  /** The DICOMweb root of the PACS behind `/dicomweb`; null for the server's own folders. */
  pacs: string | null;
  /** The kind of data source: this server's DICOMweb service, or studies as one JSON file each. */
  source?: 'dicomweb' | 'dicomjson';
}

/**
 * The `app-config.js` of the stock viewer: OHIF's own default settings, with one DICOMweb source on
 * this server, the extension loaded at run time, and no tours.
 */
export function appConfigScript({
  extensions,
  pacs,
  source = 'dicomweb',
}: AppConfigOptions): string {
  const config = {
    name: 'find-l3',
    routerBasename: null,
    extensions,
    modes: [],
    customizationService: { 'ohif.tours': { $set: [] } },
    investigationalUseDialog: { option: 'never' },
    showStudyList: true,
    maxNumberOfWebWorkers: 3,
    showWarningMessageForCrossOrigin: true,
    showCPUFallbackMessage: true,
    showLoadingIndicator: true,
    experimentalStudyBrowserSort: false,
    strictZSpacingForVolumeViewport: true,
    groupEnabledModesFirst: true,
    allowMultiSelectExport: false,
    maxNumRequests: { interaction: 100, thumbnail: 5, prefetch: 25 },
    showErrorDetails: 'always',
    defaultDataSourceName: source,
    dataSources: [source === 'dicomweb' ? dicomwebSource(pacs) : DICOM_JSON_SOURCE],
  };
  // OHIF calls the handler without looking whether there is one.
  const handler = 'window.config.httpErrorHandler = (error) => console.warn(error.status);';
  return `window.config = ${JSON.stringify(config, null, 2)};\n${handler}\n`;
}

const DICOM_JSON_SOURCE = {
  namespace: '@ohif/extension-default.dataSourcesModule.dicomjson',
  sourceName: 'dicomjson',
  configuration: { friendlyName: 'Studies of this folder', name: 'dicomjson' },
};

function dicomwebSource(pacs: string | null): object {
  return {
    namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
    sourceName: 'dicomweb',
    configuration: {
      friendlyName: pacs ? new URL(pacs).host : 'Folders of this computer',
      name: 'dicomweb',
      qidoRoot: DICOMWEB_ROOT,
      wadoRoot: DICOMWEB_ROOT,
      wadoUriRoot: DICOMWEB_ROOT,
      qidoSupportsIncludeField: false,
      imageRendering: 'wadors',
      thumbnailRendering: 'wadors',
      enableStudyLazyLoad: true,
      supportsFuzzyMatching: false,
      supportsWildcard: true,
      dicomUploadEnabled: true,
      omitQuotationForMultipartRequest: true,
      bulkDataURI: bulkDataUris(pacs),
    },
  };
}

/** A PACS names bulk data by its own address, which the browser must ask this server for. */
function bulkDataUris(pacs: string | null): object {
  if (!pacs) return { enabled: true };
  return {
    enabled: true,
    relativeResolution: 'studies',
    startsWith: pacs,
    prefixWith: DICOMWEB_ROOT,
  };
}
