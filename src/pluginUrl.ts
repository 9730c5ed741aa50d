/** The folder this module was loaded from, at whatever address the plugin was installed. */
export const PLUGIN_URL = new URL('./', import.meta.url).href;
