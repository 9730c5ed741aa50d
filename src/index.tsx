import { makeExtension } from './extension';
import { island } from './panel/island';
import { PLUGIN_URL } from './pluginUrl';

/** The ES module, for OHIF 3.11 to 3.14: it brings its own React, apart from the host's. */
export default makeExtension({ pluginUrl: PLUGIN_URL, mount: island });
