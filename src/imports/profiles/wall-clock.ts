import { instant, offsetAt, secondsPerDay, type Zone } from '../../units/time.ts';

/** Where one series of rows has come to, so that an hour the clock shows twice is told by the order of the rows (CSV-6). */
export class Track {
  lastWall = Number.NaN;
  lastAt = Number.NaN;
  descending = false;
  /** The two rows of a repeated time stand together: 02:00, 02:00, 02:15, 02:15. */
  paired = false;
}

/** The wall clock of one zone, for rows in any order; nearly always an addition. */
export class WallClock {
  readonly #zone: Zone;
  // Wall seconds [from, to) in which the clock is `offset` ahead of UTC and no change is near.
  #from = 0;
  #to = 0;
  #offset = 0;

  constructor(zone: Zone) {
    this.#zone = zone;
  }

  /** The instant, or NaN for a time that the clock change skipped. `wall` is the clock's face as if it were UTC. */
  toInstant(wall: number, track: Track): number {
    const at = wall >= this.#from && wall < this.#to ? wall - this.#offset : this.#slowly(wall, track);
    if (at < track.lastAt) track.descending = true;
    else if (at > track.lastAt) track.descending = false;
    track.lastWall = wall;
    track.lastAt = at;
    return at;
  }

  /** Both instants of a time shown twice, one of any other, none of one that was skipped; ascending. */
  candidates(wall: number): number[] {
    const near = [wall - secondsPerDay, wall + secondsPerDay].map(at => wall - offsetAt(instant(at), this.#zone));
    return [...new Set(near)].filter(at => at + offsetAt(instant(at), this.#zone) === wall).sort((a, b) => a - b);
  }

  #slowly(wall: number, track: Track): number {
    const midnight = Math.floor(wall / secondsPerDay) * secondsPerDay;
    const [before, after] = [-2, 3].map(days => offsetAt(instant(midnight + days * secondsPerDay), this.#zone));
    // No zone changes its clock and changes it back within five days.
    if (before === after) {
      this.#from = midnight;
      this.#to = midnight + secondsPerDay;
      this.#offset = before!;
      return wall - before!;
    }
    const [first, second] = this.candidates(wall);
    if (first === undefined) return Number.NaN;
    if (second === undefined) {
      track.paired = false;
      return first;
    }
    if (wall === track.lastWall) {
      track.paired = true;
      return track.lastAt === first ? second : first;
    }
    if (track.descending) return track.paired || !(second < track.lastAt) ? (track.paired ? second : first) : second;
    return track.paired || !(first <= track.lastAt) ? first : second;
  }
}
