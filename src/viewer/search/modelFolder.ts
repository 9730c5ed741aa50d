import { fetchManifest } from '../../model/fetchModelPackage';
import { customization } from '../host/settings';
import { installedModelUrl } from './installedModel';
import type { CustomizationService } from '../host/ohif';
import type { ModelSource } from '../state';

const CARD_FILE = 'MODEL_CARD.md';

/** The model package that a viewer uses: the admin's, else the one in the plugin folder. */
export class ModelFolder {
  constructor(
    private readonly customizationService: CustomizationService,
    /** Address of the extension's folder, ending in a slash. */
    readonly pluginUrl: string,
  ) {}

  /** @throws Problem when no model is installed */
  async address(): Promise<string> {
    const chosen = customization(this.customizationService, 'findL3.modelUrl');
    const url = chosen ?? (await installedModelUrl(this.pluginUrl));
    return new URL(url.endsWith('/') ? url : `${url}/`, globalThis.location.href).href;
  }

  /** What the package says of itself; null where that cannot be read: opening it says why. */
  async source(): Promise<ModelSource | null> {
    try {
      const address = await this.address();
      const { name, version, bytes } = await fetchManifest(address);
      return { name, version, bytes, address };
    } catch {
      return null;
    }
  }

  /** The model card, or null and where it was looked for. */
  async card(): Promise<{ readonly text: string | null; readonly address: string }> {
    let address = CARD_FILE;
    try {
      address = new URL(CARD_FILE, await this.address()).href;
      const response = await fetch(address, { cache: 'no-cache' });
      const text = response.ok ? await response.text() : '';
      // A viewer's server answers what it does not know with a page.
      return { text: text === '' || /^\s*<(!doctype|html)/i.test(text) ? null : text, address };
    } catch {
      return { text: null, address };
    }
  }
}
