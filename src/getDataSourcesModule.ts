import type { ExtensionManager } from './viewer/host/ohif';
import { MODULE_NAME } from './viewer/nifti/names';
import { createNiftiDataSource } from './viewer/nifti/niftiDataSource';
import type { NiftiOpener } from './viewer/nifti/niftiOpener';

/** The data source for NIfTI files. */
export function getDataSourcesModule(opener: NiftiOpener) {
  return [
    {
      name: MODULE_NAME,
      // No web API: the host must not take it for its default.
      type: 'localApi',
      createDataSource: (
        configuration: object,
        servicesManager: unknown,
        extensionManager: ExtensionManager,
      ) => createNiftiDataSource(configuration, servicesManager, extensionManager, opener),
    },
  ];
}
