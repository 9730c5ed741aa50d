import { makeExtension } from './extension';
import { hostComponent } from './panel/hostComponent';
import { RELEASE } from './release/release';

/** A classic script knows where it came from only while it is first run. */
const script = document.currentScript as HTMLScriptElement | null;
/** Where a viewer that was built with the extension keeps its files: the build copies `dist` of the package. */
const { PUBLIC_URL = '/' } = window as { readonly PUBLIC_URL?: string };
const builtIn = new URL(`find-l3/${RELEASE.version}/`, new URL(PUBLIC_URL, document.baseURI));

/**
 * The UMD build: for the runtime plugins of OHIF 3.14, and for viewers that are built with the extension.
 * React is the host's.
 */
export default makeExtension({
  pluginUrl: script?.src.endsWith('/index.umd.js') ? new URL('./', script.src).href : builtIn.href,
  mount: hostComponent,
});
