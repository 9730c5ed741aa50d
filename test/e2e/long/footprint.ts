import type { CDPSession, Page } from 'playwright-core';

/** What a page holds after a garbage collection. */
export interface Footprint {
  /** Of the page itself, without its workers. */
  readonly heapMB: number;
  /** DOM nodes, those in no document included. */
  readonly nodes: number;
  readonly domListeners: number;
  readonly documents: number;
  /** Canvas elements alive, those in no document included. */
  readonly canvases: number;
  /** Elements of the panel of Find L3 alive, those in no document included. */
  readonly panelElements: number;
  /** The host's decoding workers included. */
  readonly workers: number;
  /** Subscriptions to the host's services, by service. */
  readonly services: Readonly<Record<string, number>>;
  /** Listeners of cornerstone's event target, by event. */
  readonly cornerstone: Readonly<Record<string, number>>;
}

interface Listening {
  readonly listeners?: Readonly<Record<string, ArrayLike<unknown> | ReadonlySet<unknown>>>;
}

/** Measures a page through Chromium's own protocol. */
export class FootprintMeter {
  private constructor(
    private readonly page: Page,
    private readonly session: CDPSession,
  ) {}

  static async of(page: Page): Promise<FootprintMeter> {
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    await session.send('HeapProfiler.enable');
    return new FootprintMeter(page, session);
  }

  async measure(): Promise<Footprint> {
    // Finalizers of the first let go of what the next collects.
    for (let i = 0; i < 3; i++) {
      await this.session.send('HeapProfiler.collectGarbage');
      await this.page.waitForTimeout(200);
    }
    const canvases = await this.alive('HTMLCanvasElement');
    const panelElements = await this.alive('Element', '[data-cy^=find-l3]');
    const { metrics } = await this.session.send('Performance.getMetrics');
    const metric = (name: string) => metrics.find((one) => one.name === name)!.value;
    return {
      heapMB: Math.round(metric('JSHeapUsedSize') / 1e4) / 100,
      nodes: metric('Nodes'),
      domListeners: metric('JSEventListeners'),
      documents: metric('Documents'),
      canvases,
      panelElements,
      workers: this.page.workers().length,
      ...(await this.listeners()),
    };
  }

  async close(): Promise<void> {
    await this.session.detach();
  }

  /** Elements of a class that nothing has let go of. */
  private async alive(className: string, selector = '*'): Promise<number> {
    const { result } = await this.session.send('Runtime.evaluate', {
      expression: `${className}.prototype`,
    });
    // Collects garbage first.
    const { objects } = await this.session.send('Runtime.queryObjects', {
      prototypeObjectId: result.objectId!,
      objectGroup: 'footprint',
    });
    const { result: count } = await this.session.send('Runtime.callFunctionOn', {
      objectId: objects.objectId!,
      functionDeclaration: `function (selector) {
        return this.filter((one) => one !== one.constructor.prototype && one.matches(selector)).length;
      }`,
      arguments: [{ value: selector }],
      returnByValue: true,
    });
    await this.session.send('Runtime.releaseObjectGroup', { objectGroup: 'footprint' });
    return count.value as number;
  }

  private async listeners(): Promise<Pick<Footprint, 'services' | 'cornerstone'>> {
    return this.page.evaluate(() => {
      const { services, cornerstone } = window as unknown as {
        services: Readonly<Record<string, Listening>>;
        cornerstone: { eventTarget: Listening };
      };
      const sizes = ({ listeners = {} }: Listening) =>
        Object.entries(listeners).map(
          ([event, list]) => [event, 'size' in list ? list.size : list.length] as const,
        );
      const all = (one: Listening) => sizes(one).reduce((sum, [, size]) => sum + size, 0);
      // Some services go by two names.
      const names = Object.keys(services).filter((name) => /^[a-z]/.test(name));
      return {
        services: Object.fromEntries(names.map((name) => [name, all(services[name] ?? {})])),
        cornerstone: Object.fromEntries(sizes(cornerstone.eventTarget)),
      };
    });
  }
}
