import { DEFAULTS } from './viewer/host/settings';

/** The defaults of what an admin can set under `customizationService` of the app config. */
export function getCustomizationModule() {
  return [{ name: 'default', value: { ...DEFAULTS } }];
}
