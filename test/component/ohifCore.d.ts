/** The managers of the host as far as the tests use them; the package ships no usable types. */
declare module '@ohif/core' {
  interface Registration {
    name: string;
  }
  interface ServiceClass {
    REGISTRATION: Registration;
  }
  export const MeasurementService: ServiceClass;
  export const PanelService: ServiceClass;
  export const ToolbarService: ServiceClass;
  export const CustomizationService: ServiceClass;
  export const DisplaySetService: ServiceClass;
  export const ViewportGridService: ServiceClass;
  export const UINotificationService: ServiceClass;
  export const HangingProtocolService: ServiceClass;

  export class PubSubService {
    constructor(events: Record<string, string>);
    EVENTS: Record<string, string>;
    subscribe(event: string, listener: (data: never) => void): { unsubscribe(): void };
    _broadcastEvent(event: string, data: unknown): void;
  }
  export class CommandsManager {
    constructor(options: { getAppState: () => object });
    runCommand(name: string, options?: object, context?: string): unknown;
    createContext(name: string): void;
    registerCommand(context: string, name: string, definition: object): void;
    getCommand(name: string, context?: string): { readonly commandFn: unknown };
  }
  export class ServicesManager {
    constructor(commandsManager: CommandsManager);
    services: Record<string, unknown>;
    setExtensionManager(extensionManager: ExtensionManager): void;
    registerServices(registrations: unknown[]): void;
    registerService(registration: unknown): void;
  }
  export const log: { info: (...items: unknown[]) => void };
  export class ServiceProvidersManager {}
  export class HotkeysManager {
    constructor(commandsManager: CommandsManager, servicesManager: ServicesManager);
    setDefaultHotKeys(definitions: unknown): void;
    destroy(): void;
    hotkeyDefinitions: Record<
      string,
      { commandName: string; commandOptions?: { by?: number }; keys: string[] }
    >;
  }
  export class ExtensionManager {
    constructor(options: object);
    registerExtension(extension: unknown): Promise<void>;
    getModuleEntry(id: string): { component?: unknown } | undefined;
    onModeEnter(): void;
    onModeExit(): void;
  }
}
