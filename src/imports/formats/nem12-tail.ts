import { readStamp } from './mdff-stamp.ts';
import type { QualityFields } from './nem12-quality.ts';

/** The end of a 300 record that nothing is wrong with. */
export interface PlainTail {
  quality: QualityFields;
  /** UpdateDateTime on the market's clock. */
  stamp: number;
}

const comma = 44;
const plainQualities: Record<number, QualityFields> = Object.fromEntries(
  ['A', 'V'].map(flag => [flag.charCodeAt(0), { flag, method: '', reasonCode: '', reasonText: '' }]),
);
const plain: PlainTail = { quality: plainQualities[65]!, stamp: 0 };

/**
 * What most days end in, out of the bytes: A or V and nothing beside it, when the sender last changed it, and at most when the market
 * loaded it. Undefined for everything else, which is read field by field and says what is wrong. The answer is good until the next call.
 */
export function readPlainTail(bytes: Uint8Array, at: number, end: number): PlainTail | undefined {
  const quality = plainQualities[bytes[at]!];
  if (!quality || bytes[at + 1] !== comma || bytes[at + 2] !== comma || bytes[at + 3] !== comma) return undefined;
  const from = at + 4;
  const stops = commaFrom(bytes, from, end);
  const stamp = readStamp(bytes, from, stops);
  if (Number.isNaN(stamp)) return undefined;
  const loadedAt = stops + 1;
  if (loadedAt < end && Number.isNaN(readStamp(bytes, loadedAt, end))) return undefined;
  plain.quality = quality;
  plain.stamp = stamp;
  return plain;
}

/** The next comma, `end` when there is none as near as a stamp is long. */
function commaFrom(bytes: Uint8Array, from: number, end: number): number {
  const most = Math.min(end, from + 15);
  for (let at = from; at < most; at++) if (bytes[at] === comma) return at;
  return end;
}
