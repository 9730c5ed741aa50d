import { name } from '../package.json';

/** The extension id; OHIF's runtime plugins require it to equal the package name. */
export const id: string = name;
