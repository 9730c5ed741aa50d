import { getCommandsModule } from './getCommandsModule';
import { getCustomizationModule } from './getCustomizationModule';
import { getDataSourcesModule } from './getDataSourcesModule';
import { getPanelModule } from './getPanelModule';
import { getToolbarModule } from './getToolbarModule';
import { id } from './id';
import { PLUGIN_URL } from './pluginUrl';
import { customization } from './viewer/host/settings';
import { FindL3Viewer } from './viewer/findL3Viewer';
import { ModelFolder } from './viewer/search/modelFolder';
import { addNiftiSource, NiftiOpener } from './viewer/nifti/niftiOpener';
import type { ExtensionParams, ServicesManager } from './viewer/host/ohif';
import type { Finder } from './viewer/search/lazyFinder';
import { FinderClient } from './worker/finderClient';

/** Folder of the worker and its runtime below the plugin's, named by content (set by the build). */
declare const FIND_L3_RUNTIME_FOLDER: string;

function viewerOf(params: ExtensionParams): FindL3Viewer {
  const { customizationService } = params.servicesManager.services;
  const modelFolder = new ModelFolder(customizationService, PLUGIN_URL);
  const createFinder = async (): Promise<Finder> => {
    return new FinderClient({
      pluginUrl: new URL(`${FIND_L3_RUNTIME_FOLDER}/`, PLUGIN_URL).href,
      modelUrl: await modelFolder.address(),
      runtime: customization(customizationService, 'findL3.runtime'),
      verbose: customization(customizationService, 'findL3.verbose'),
    });
  };
  return FindL3Viewer.of(params, id, createFinder, modelFolder);
}

/** The OHIF extension: wiring only. */
const extension = {
  id,
  preRegistration(params: ExtensionParams): void {
    addNiftiSource(params, id);
    NiftiOpener.of(params).listen();
  },
  getDataSourcesModule: (params: ExtensionParams) => getDataSourcesModule(NiftiOpener.of(params)),
  getCommandsModule: (params: ExtensionParams) => getCommandsModule(viewerOf(params)),
  getPanelModule: (params: ExtensionParams) =>
    getPanelModule(viewerOf(params), params.commandsManager),
  getToolbarModule: (params: ExtensionParams) => getToolbarModule(viewerOf(params).session),
  getCustomizationModule,
  onModeEnter({ servicesManager }: { servicesManager: ServicesManager }): void {
    FindL3Viewer.existing(servicesManager)?.enterMode(window.location.pathname);
  },
  onModeExit({ servicesManager }: { servicesManager: ServicesManager }): void {
    FindL3Viewer.existing(servicesManager)?.leaveMode();
    NiftiOpener.existing(servicesManager)?.leave(window.location.pathname);
  },
};

export default extension;
