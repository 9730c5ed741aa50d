import { RELEASE } from './release/release';

/** The extension id; OHIF's runtime plugins require it to equal the package name. */
export const id: string = RELEASE.packageName;
