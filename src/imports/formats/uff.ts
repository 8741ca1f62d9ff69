import { type Instant, instantOfWallClock, offsetAt, parseDay, type Zone } from '../../units/time.ts';
import type { FileHeader } from '../format.ts';
import type { RecordFields } from '../record-fields.ts';

/** The wrapper every flow of the UK Data Transfer Catalogue comes in: ZHV … ZPT, fields ended by "|" (rules D10-1 to D10-6). */

/** Titles of the flows next to D0010, to name what a file is although it cannot be read (D10-6). */
const flowTitles: Record<string, string> = {
  D0003: 'Half Hourly Advances',
  D0010: 'Meter Readings',
  D0036: 'Validated Half Hourly Advances for Inclusion in Aggregated Supplier Matrix',
  D0071: 'Customer Own Reading on Change of Supplier',
  D0086: 'Notification of Change of Supplier Readings',
  D0149: 'Notification of Mapping Details',
  D0150: 'Non Half-hourly Meter Technical Details',
  D0275: 'Validated Half Hourly Advances',
  D0300: 'Disputed Readings or Missing Readings on Change of Supplier',
  D0379: 'Half Hourly Advances UTC',
};

/** "D0150 (Non Half-hourly Meter Technical Details)" for "D0150002". */
export function describeFlow(flow: string): string {
  const title = flowTitles[flow.slice(0, 5)];
  return title === undefined ? flow : `${flow.slice(0, 5)} (${title})`;
}

export interface WallClock {
  /** undefined: not a date and time, or an hour that the clock change skipped. */
  at: Instant | undefined;
  /** The wall clock showed this twice, in October; `at` is the first (D10-15). */
  ambiguous: boolean;
}

/** YYYYMMDDHHMMSS on the clock of `zone`; a meter operator's 23:59:59 is the midnight after it (D10-15). */
export function readWallClock(text: string, zone: Zone): WallClock {
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
