/** Name of the data source in the host's addresses: `/viewer/find-l3-nifti?url=...`. */
export const SOURCE_NAME = 'find-l3-nifti';
/** Name of the entry in `dataSourcesModule`. */
export const MODULE_NAME = 'nifti';
