import type { JobRuns } from './job-runs.ts';
import type { Log } from './log.ts';

/** Something done again and again while the process runs. */
export interface Job {
  name: string;
  what: string;
  everySeconds: number;
  /** Runs first when the process starts, and not only after the first pause. */
  atStart?: boolean;
  run: () => Promise<unknown>;
}

/**
 * Runs each job at its pace, never twice at once. A run that fails is logged with the job's name and the next one tries again: the
 * work itself stays where it is (in the journal, in the outbox) until it succeeds.
 */
export class Schedule {
  readonly #log: Log;
  readonly #runs: JobRuns;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(log: Log, runs: JobRuns) {
    this.#log = log;
    this.#runs = runs;
  }

  start(jobs: readonly Job[]): void {
    for (const job of jobs) {
      let running = false;
      const tick = async () => {
        if (running) return;
        running = true;
        const begunAt = performance.now();
        const succeeded = await job.run().then(
          () => true,
          error => {
            this.#log.error({ err: error, job: job.name }, 'job failed, will run again');
            return false;
          },
        );
        this.#runs.note(job.name, (performance.now() - begunAt) / 1000, succeeded);
        running = false;
      };
      const begin = () => {
        const run = tick();
        this.#running.add(run);
        void run.finally(() => this.#running.delete(run));
      };
      this.#timers.push(setInterval(begin, job.everySeconds * 1000));
      if (job.atStart) begin();
    }
  }

  /** Starts nothing any more and waits for what is under way. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#running);
  }
}
