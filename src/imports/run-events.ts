import { setTimeout as sleep } from 'node:timers/promises';
import type { ImportQueue } from './import-queue.ts';
import { isOver } from './import-run.ts';
import { showListed, showProgress } from './show-run.ts';

// Often enough for a bar that moves, seldom enough for a browser that listens for an hour.
const betweenMs = 250;
// Proxies end a connection on which nothing was said for a minute.
const quietMsMax = 15_000;

/**
 * What happens to a run, as server-sent events: "progress" with state, stage, bytes, rate and seconds left; at last "end" with the
 * run. Ends as well when the queue stops.
 */
export async function* runEvents(queue: ImportQueue, id: number): AsyncGenerator<string> {
  let wake: () => void = () => undefined;
  let changed = true;
  const unwatch = queue.watch(id, () => {
    changed = true;
    wake();
  });
  try {
    for (;;) {
      const run = queue.runs.get(id);
      if (isOver(run)) {
        yield event('end', showListed({ ...run, counts: run.report?.counts }));
        return;
      }
      const progress = queue.progressOf(id);
      yield changed
        ? event('progress', { id, state: run.state, ...(progress && showProgress(progress)) })
        : ': still here\n\n';
      if (queue.paused) return;
      changed = false;
      await sleep(betweenMs);
      if (!changed)
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, quietMsMax);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
    }
  } finally {
    unwatch();
  }
}

function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
