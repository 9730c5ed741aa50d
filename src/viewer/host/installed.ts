import { cornerstoneOf, type ExtensionParams } from './ohif';
import {
  settingProblems,
  settingsInForce,
  type SettingInForce,
  type SettingProblem,
} from './settings';

/** What a site has installed and set, as this page has it. */
export interface Installed {
  /** Address of the extension's folder. */
  readonly folder: string;
  /** The host's cornerstone; null where it tells none. A stock host tells extensions no other version. */
  readonly cornerstone: string | null;
  /** Whether the browser allows the page GPU and clipboard. */
  readonly isSecure: boolean;
  /** Why the browser allows the page no threads; null where it does. */
  readonly threadObstacle: 'not-isolated' | 'no-shared-memory' | null;
  readonly settings: readonly SettingInForce[];
  readonly problems: readonly SettingProblem[];
}

/** @param folder address of the extension's folder */
export function installedIn(
  { servicesManager, extensionManager, appConfig }: ExtensionParams,
  folder: string,
): Installed {
  const { customizationService } = servicesManager.services;
  return {
    folder,
    cornerstone: cornerstoneOf(extensionManager).cornerstone.version ?? null,
    isSecure: globalThis.isSecureContext === true,
    threadObstacle: threadObstacle(),
    settings: settingsInForce(customizationService),
    problems: settingProblems(customizationService, appConfig),
  };
}

function threadObstacle(): Installed['threadObstacle'] {
  if (globalThis.crossOriginIsolated !== true) return 'not-isolated';
  // Some browsers isolate a page and keep this from it.
  return typeof SharedArrayBuffer === 'undefined' ? 'no-shared-memory' : null;
}
