/** How often each job ran, for how long, and how it went. */
export interface JobTally {
  succeeded: number;
  failed: number;
  seconds: number;
  lastSeconds: number;
}

export class JobRuns {
  readonly #jobs = new Map<string, JobTally>();

  note(job: string, seconds: number, succeeded: boolean): void {
    const tally = this.#jobs.get(job) ?? { succeeded: 0, failed: 0, seconds: 0, lastSeconds: 0 };
    tally[succeeded ? 'succeeded' : 'failed'] += 1;
    tally.seconds += seconds;
    tally.lastSeconds = seconds;
    this.#jobs.set(job, tally);
  }

  list(): [job: string, tally: Readonly<JobTally>][] {
    return [...this.#jobs];
  }
}
