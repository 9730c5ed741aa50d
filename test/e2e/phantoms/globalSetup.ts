import { madeBy } from './phantoms';

/** What end-to-end tests open is made once, before they run side by side. */
export default async function makePhantoms(): Promise<void> {
  const others = async () => {
    await madeBy('writeMarkup.ts', 'phantoms-markup');
    await madeBy('writeMr.ts', 'phantoms-mr');
    await madeBy('writePixelKinds.ts', 'phantoms-pixels');
    await madeBy('writeNifti.ts', 'phantoms-nifti');
  };
  await Promise.all([madeBy('write.ts', 'phantoms-test'), others()]);
}
