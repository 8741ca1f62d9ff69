import { renameSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into the process under test (`NODE_OPTIONS=--import`): at SIGUSR2 it collects all garbage and writes what is left, in
 * bytes, to the file that MEMORY_PROBE names. What a process holds by chance between two collections says nothing about leaks.
 */
export interface MemoryLeft {
  /** Objects that are alive, and memory outside the heap that they hold. */
  alive: number;
  /** What the kernel counts for the process. */
  resident: number;
}

const file = process.env.MEMORY_PROBE;
if (isMainThread && file !== undefined) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (how?: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void;
  process.on('SIGUSR2', () => {
    collect();
    // Once more: what finalizers let go of in the first is gone after the second, which gives back the pages that V8 keeps for the next
    // objects as well, up to 130 MB of them or none.
    setImmediate(() => {
      collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
      const { heapUsed, external, rss } = process.memoryUsage();
      const left: MemoryLeft = { alive: heapUsed + external, resident: rss };
      writeFileSync(`${file}.part`, JSON.stringify(left));
      renameSync(`${file}.part`, file);
    });
  });
}
