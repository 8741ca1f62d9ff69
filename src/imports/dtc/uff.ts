import { type Instant, instantOfWallClock, offsetAt, parseDay, type Zone } from '../../units/time.ts';
import type { FileHeader } from '../format.ts';
import type { RecordFields } from '../record-fields.ts';

/** The wrapper every flow of the UK Data Transfer Catalogue comes in: ZHV … ZPT, fields ended by "|" (rules D10-1 to D10-6). */

export interface WallClock {
  /** undefined: not a date and time, or an hour that the clock change skipped. */
  at: Instant | undefined;
  /** The wall clock showed this twice, in October; `at` is the first (D10-15). */
  ambiguous: boolean;
}

// A file names the same few midnights over and over, all on one clock.
const stamps = new Map<string, WallClock>();
const stampsMax = 4096;
let stampsZone: Zone | undefined;

/** YYYYMMDDHHMMSS on the clock of `zone`; a meter operator's 23:59:59 is the midnight after it (D10-15). */
export function readWallClock(text: string, zone: Zone): WallClock {
  if (zone !== stampsZone || stamps.size >= stampsMax) stamps.clear();
  stampsZone = zone;
  const known = stamps.get(text);
  if (known) return known;
  const read = parseWallClock(text, zone);
  if (read.at !== undefined) stamps.set(text, read);
  return read;
}

function parseWallClock(text: string, zone: Zone): WallClock {
  const none = { at: undefined, ambiguous: false };
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (!match) return none;
  const day = parseDay(`${match[1]}-${match[2]}-${match[3]}`);
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6])];
  if (day === undefined || hour > 23 || minute > 59 || second > 59) return none;
  const shown = instantOfWallClock(day, hour, minute, second, zone);
  if (shown === undefined) return none;
  const at = text.endsWith('235959') ? ((shown + 1) as Instant) : shown;
  return { at, ambiguous: showsTwice(at, zone) };
}

// When the clock goes back, the offset drops by as much as the wall clock is shown again that much later.
function showsTwice(at: Instant, zone: Zone): boolean {
  const later = (at + 3600) as Instant;
  return offsetAt(at, zone) - offsetAt(later, zone) === 3600;
}

/** ZHV|FileId|Flow+version|FromRole|FromMPID|ToRole|ToMPID|time|SendApp|RecvApp|Broadcast|TestFlag| */
export function readHeader(fields: RecordFields, createdAt: Instant): FileHeader {
  const testFlag = fields.at(11);
  return {
    reference: fields.at(1),
    flow: fields.at(2),
    sender: participant(fields.at(3), fields.at(4)),
    receiver: participant(fields.at(5), fields.at(6)),
    createdAt,
    testFlag,
    // Whatever is not said to be operational is not taken for it; a wrapper that leaves the flag out is an old live one.
    isTest: testFlag !== '' && testFlag !== 'OPER',
  };
}

function participant(role: string, id: string): string {
  return role === '' ? id : `${role}:${id}`;
}
