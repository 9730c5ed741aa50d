import { getCommandsModule } from './getCommandsModule';
import { getCustomizationModule } from './getCustomizationModule';
import { getDataSourcesModule } from './getDataSourcesModule';
import { getHangingProtocolModule } from './getHangingProtocolModule';
import { getPanelModule, type Mount } from './getPanelModule';
import { getToolbarModule } from './getToolbarModule';
import { id } from './id';
import { LocalFiles } from './viewer/host/localFiles';
import { customization } from './viewer/host/settings';
import { FindL3Viewer } from './viewer/findL3Viewer';
import { ModelFolder } from './viewer/search/modelFolder';
import { addNiftiSource, NiftiOpener } from './viewer/nifti/niftiOpener';
import type { ExtensionParams, ServicesManager } from './viewer/host/ohif';
import type { Finder } from './viewer/search/lazyFinder';
import { FinderClient } from './worker/finderClient';
import { isReplaced, ReplacedError } from './worker/replaced';

/** Folder of the worker and its runtime below the plugin's, named by content (set by the build). */
declare const FIND_L3_RUNTIME_FOLDER: string;

/** What the two builds of the extension differ in. */
interface Build {
  /** The folder that holds the extension's files, ending in a slash. */
  readonly pluginUrl: string;
  /** Makes of the panel's tree what the host can render. */
  readonly mount: Mount;
}

function viewerOf(params: ExtensionParams, pluginUrl: string): FindL3Viewer {
  const { customizationService } = params.servicesManager.services;
  const modelFolder = new ModelFolder(customizationService, pluginUrl);
  const runtimeUrl = new URL(`${FIND_L3_RUNTIME_FOLDER}/`, pluginUrl).href;
  const modelUrl = () =>
    modelFolder.address().catch(async (why: unknown) => {
      const worker = new URL('worker.js', runtimeUrl).href;
      throw (await isReplaced(worker)) ? new ReplacedError(worker, { cause: why }) : why;
    });
  const createFinder = async (): Promise<Finder> => {
    return new FinderClient({
      pluginUrl: runtimeUrl,
      modelUrl: await modelUrl(),
      runtime: customization(customizationService, 'findL3.runtime'),
      verbose: customization(customizationService, 'findL3.verbose'),
    });
  };
  return FindL3Viewer.of(params, id, createFinder, modelFolder);
}

/** The OHIF extension: wiring only. */
export function makeExtension({ pluginUrl, mount }: Build) {
  const viewer = (params: ExtensionParams) => viewerOf(params, pluginUrl);
  return {
    id,
    preRegistration(params: ExtensionParams): void {
      addNiftiSource(params, id);
      NiftiOpener.of(params).listen();
      LocalFiles.of(params.servicesManager).listen();
    },
    getDataSourcesModule: (params: ExtensionParams) => getDataSourcesModule(NiftiOpener.of(params)),
    getCommandsModule: (params: ExtensionParams) => getCommandsModule(viewer(params)),
    getPanelModule: (params: ExtensionParams) =>
      getPanelModule(viewer(params), params.commandsManager, mount),
    getToolbarModule: (params: ExtensionParams) => getToolbarModule(viewer(params)),
    getCustomizationModule,
    getHangingProtocolModule,
    onModeEnter({ servicesManager }: { servicesManager: ServicesManager }): void {
      FindL3Viewer.existing(servicesManager)?.enterMode(window.location.pathname);
    },
    onModeExit({ servicesManager }: { servicesManager: ServicesManager }): void {
      FindL3Viewer.existing(servicesManager)?.leaveMode();
      NiftiOpener.existing(servicesManager)?.leave(window.location.pathname);
    },
  };
}
