import { browserPath } from './browser';
import { madeBy } from './phantoms/phantoms';

/** What end-to-end tests open, and the browser that is unpacked for them, is made once, before they run side by side. */
export default async function setUp(): Promise<void> {
  const others = async () => {
    await madeBy('writeMarkup.ts', 'phantoms-markup');
    await madeBy('writeMr.ts', 'phantoms-mr');
    await madeBy('writePixelKinds.ts', 'phantoms-pixels');
    await madeBy('writeNifti.ts', 'phantoms-nifti');
  };
  await Promise.all([browserPath(), madeBy('write.ts', 'phantoms-test'), others()]);
}
