import type { IntervalChannel, IntervalRun } from './format.ts';

/** A channel that a file names, and how many readings it brings of it. */
export interface ComingChannel {
  channel: IntervalChannel;
  readings: number;
}

// 4 MB. Of a file that names more, the others are registered when their readings come.
const channelsMax = 10_000;

/** The channels of a member in its order, as its first reading met them, so that the second can register many in one transaction. */
export class ComingChannels {
  readonly #readings = new Map<IntervalChannel, number>();

  addRun({ channel, energies }: IntervalRun): void {
    const before = this.#readings.get(channel);
    if (before === undefined && this.#readings.size === channelsMax) return;
    this.#readings.set(channel, (before ?? 0) + energies.length);
  }

  list(): ComingChannel[] {
    return Array.from(this.#readings, ([channel, readings]) => ({ channel, readings }));
  }
}
