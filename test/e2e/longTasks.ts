import type { Page } from 'playwright-core';

/** A main-thread task in which the plugin's script ran. */
export interface PluginTask {
  /** What the browser's long-task observer sees; other work on the machine lengthens it. */
  readonly wallMs: number;
  /** What the thread really worked in it, the host's part included. */
  readonly cpuMs: number;
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly data?: { readonly url?: string } };
}

const CATEGORIES = ['toplevel', 'devtools.timeline'];

/**
 * Records the page's main-thread tasks during `action`: the browser's trace says, for each task,
 * how long it took and whose scripts ran in it.
 *
 * @returns the plugin's tasks, longest first, and the durations (ms) that the long-task observer
 * saw for everybody
 */
export async function recordTasks(
  page: Page,
  action: () => Promise<void>,
): Promise<{ pluginTasks: readonly PluginTask[]; longTasks: readonly number[] }> {
  await page.evaluate(() => {
    const longTasks: number[] = [];
    Object.assign(window, { longTasks });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longTasks.push(duration);
    }).observe({ type: 'longtask' });
  });
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) =>
    events.push(...(value as unknown as TraceEvent[])),
  );
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: CATEGORIES },
  });
  await action();
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  const longTasks = await page.evaluate(
    () => (window as unknown as { longTasks: number[] }).longTasks,
  );
  return { pluginTasks: pluginTasksOf(events), longTasks };
}

function pluginTasksOf(events: readonly TraceEvent[]): readonly PluginTask[] {
  const calls = events.filter(
    ({ name, args }) =>
      name === 'FunctionCall' && args?.data?.url?.includes('/plugins/find-l3/index.js'),
  );
  const page = calls[0];
  if (!page) return [];
  const tasks = events.filter(
    ({ name, ph, pid, tid }) =>
      /RunTask$/.test(name) && ph === 'X' && pid === page.pid && tid === page.tid,
  );
  return tasks
    .filter(({ ts, dur = 0 }) => calls.some((call) => call.ts >= ts && call.ts <= ts + dur))
    .map(({ dur = 0, tdur = 0 }) => ({ wallMs: dur / 1000, cpuMs: tdur / 1000 }))
    .sort((a, b) => b.cpuMs - a.cpuMs);
}
