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
  /** Whether the browser allows the page threads. */
  readonly isIsolated: boolean;
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
    isIsolated: globalThis.crossOriginIsolated === true,
    settings: settingsInForce(customizationService),
    problems: settingProblems(customizationService, appConfig),
  };
}
