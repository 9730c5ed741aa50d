import type { SourceOptions } from '../../../training/prepare/sources/source';

/** Of sources that read files alone. */
export const NO_OPTIONS: SourceOptions = { columnsFrom: '', scratch: '' };
