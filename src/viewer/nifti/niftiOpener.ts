import { isEnabledInMode } from '../host/settings';
import type { AppConfig, CommandsManager, ServicesManager } from '../host/ohif';
import { explain } from '../host/problem';
import { AssumedModalities } from '../study/assumedModality';
import { MODULE_NAME, SOURCE_NAME } from './names';
import { NiftiStore, type NiftiSource } from './niftiStore';
import type { NiftiFile } from './niftiStudy';
import { say } from '../../text/say';
import { Notice } from '../host/notice';

const NIFTI_NAME = /\.nii(\.gz)?$/i;

/** What the host gives an extension before it registers its modules. */
export interface HostParams {
  readonly servicesManager: ServicesManager;
  readonly commandsManager: CommandsManager;
  readonly appConfig?: AppConfig;
}

/**
 * Puts the data source for NIfTI files on the host's list, unless an admin has: only listed ones
 * get an address. To be called before the extension's modules are registered.
 */
export function addNiftiSource(
  { appConfig }: Pick<HostParams, 'appConfig'>,
  extensionId: string,
): void {
  const namespace = `${extensionId}.dataSourcesModule.${MODULE_NAME}`;
  const listed = appConfig?.dataSources;
  if (!listed || listed.some((source) => source.namespace === namespace)) return;
  listed.push({
    namespace,
    sourceName: SOURCE_NAME,
    configuration: { friendlyName: 'NIfTI files', name: SOURCE_NAME },
  });
}

/** Opens NIfTI files in one viewer: those of an address, and those dropped on any of its pages. */
export class NiftiOpener {
  private static readonly all = new WeakMap<ServicesManager, NiftiOpener>();

  readonly store: NiftiStore;
  private readonly notice = new Notice('nifti');
  private readonly modalities: AssumedModalities;

  private constructor(private readonly host: HostParams) {
    this.modalities = AssumedModalities.of(host.servicesManager.services);
    this.store = new NiftiStore(this.modalities.chosen);
  }

  /** The one of a viewer, made when it is first asked for. */
  static of(host: HostParams): NiftiOpener {
    let opener = this.all.get(host.servicesManager);
    if (!opener) {
      opener = new NiftiOpener(host);
      this.all.set(host.servicesManager, opener);
    }
    return opener;
  }

  /** The one of a viewer, if it was made. */
  static existing(servicesManager: ServicesManager): NiftiOpener | undefined {
    return this.all.get(servicesManager);
  }

  /** Takes NIfTI files that are dropped on the page; other files are left to the host. */
  listen(): void {
    // Before the host's own drop zones, which know DICOM only.
    window.addEventListener('dragover', this.allowDrop, { capture: true });
    window.addEventListener('drop', this.takeDrop, { capture: true });
  }

  /**
   * Opens files, says what was assumed of them, and keeps them for the image loader.
   *
   * @throws Problem as `NiftiStore.open`
   */
  async open(
    sources: readonly NiftiSource[],
    modality?: 'CT' | 'MR',
  ): Promise<readonly NiftiFile[]> {
    this.notice.show({ kind: 'work', text: say('nifti.reading') });
    const files = await this.store.open(sources, { modality, headers: this.authorization() });
    for (const { uid, volume } of files) {
      const source = volume.modalityGuessed ? 'values' : 'address';
      this.modalities.note(uid, { modality: volume.modality, source });
    }
    const guessed = files.filter(({ volume }) => volume.modalityGuessed);
    if (guessed.length === 0) this.notice.clear();
    else {
      const what = guessed
        .map(({ name, volume }) => `${name}: ${volume.modality}`)
        .join(say('list.comma'));
      this.notice.show({
        kind: 'information',
        text: say('nifti.guessed', { what }),
        advice: say('nifti.guessedAdvice'),
      });
    }
    return files;
  }

  /** Says why a file is not shown. */
  report({ message, advice }: { readonly message: string; readonly advice: string }): void {
    this.notice.show({
      kind: 'problem',
      text: message,
      advice,
      action: { label: say('nifti.studies'), run: () => this.navigate('/') },
    });
  }

  /** Forgets the volumes once another page than that of NIfTI files is shown. */
  leave(pathname: string): void {
    if (!pathname.includes(`/${SOURCE_NAME}`)) this.store.close();
  }

  private readonly allowDrop = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
  };

  private readonly takeDrop = (event: DragEvent): void => {
    const files = [...(event.dataTransfer?.files ?? [])].filter(({ name }) =>
      NIFTI_NAME.test(name),
    );
    if (files.length === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const query = files.map((file) => `file=${this.store.keep(file)}`).join('&');
    const mode = this.modeToShow();
    if (mode === null) {
      this.report({
        message: say('nifti.noMode'),
        advice: say('nifti.noModeAdvice'),
      });
    } else this.navigate(`/${mode}/${SOURCE_NAME}?${query}`);
  };

  /** The mode that is shown, else the first that has Find L3, the basic viewer before others. */
  private modeToShow(): string | null {
    const { appConfig, servicesManager } = this.host;
    const { customizationService } = servicesManager.services;
    const names = (appConfig?.loadedModes ?? []).flatMap(({ routeName }) => routeName ?? []);
    const enabled = names.filter((name) =>
      isEnabledInMode(customizationService, appConfig, `/${name}/`),
    );
    const segments = window.location.pathname.split('/');
    const shown = enabled.find((name) => segments.includes(name));
    return shown ?? (enabled.includes('viewer') ? 'viewer' : (enabled[0] ?? null));
  }

  private navigate(to: string): void {
    try {
      this.host.commandsManager.runCommand('navigateHistory', { to }, 'DEFAULT');
    } catch (error) {
      this.notice.show({ kind: 'problem', text: explain(error).message });
    }
  }

  private authorization(): Readonly<Record<string, string>> {
    const { userAuthenticationService } = this.host.servicesManager.services;
    return userAuthenticationService?.getAuthorizationHeader?.() ?? {};
  }
}
