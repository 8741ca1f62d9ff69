import type { Flow } from '../accounts/meter-point.ts';
import { formatKwh, microKwh } from '../units/energy.ts';
import { formatUtc, parseZone } from '../units/time.ts';
import type { PlainReading } from './plain-reading.ts';
import { isIntervalEnergy, parseInput, type ReadingInput } from './reading-input.ts';
import type { RuleName } from './rules.ts';

/** A reading of a file: in units, with what the file says of its register or channel, which may not be there yet. */
export interface FileReading extends PlainReading {
  code: string;
  serial: string;
  flow: Flow;
  unit: string;
  minutes: number;
  versionAt: number;
  /** It contradicts what is current where its file comes from, and nobody has decided yet. */
  waits?: boolean;
}

/** null is a value that is missing: JSON has no NaN. */
type InJson<T> = T extends PlainReading ? Omit<T, 'value'> & { value: number | null } : T;

/** As it was sent where it has to be read again once its meter point is known, and in units otherwise. */
export type QuarantinedItem = ReadingInput | InJson<PlainReading> | InJson<FileReading>;

/** A reading that a rule put aside: acknowledged, and nowhere else until somebody or a registration lets it in. */
export interface QuarantinedReading {
  id: number;
  receivedAt: number;
  /** Row of the `source` table. */
  source: number;
  line: number;
  rule: RuleName;
  item: QuarantinedItem;
}

/** The same reading is the same item, however it was written. */
export function quarantinedItem(item: ReadingInput | PlainReading | FileReading): QuarantinedItem {
  if (!('kind' in item)) {
    const plain = plainItem(item);
    return plain ? quarantinedItem(plain) : item;
  }
  const { meterPoint, kind, code, at, value, quality, ...more } = item;
  return { meterPoint, kind, code, at, value: Number.isNaN(value) ? null : value, quality, ...more };
}

/** In units, where nothing is left to ask: no zone of a meter point that may be unknown, and nothing to be noticed about the text. */
function plainItem(input: ReadingInput): PlainReading | undefined {
  const [read, elsewhere] = zones.map(zone => parseInput(input, zone));
  if (!read?.ok || !elsewhere?.ok || read.at !== elsewhere.at) return undefined;
  const { at, value, quality } = read;
  const { meterPoint } = input;
  return isIntervalEnergy(input)
    ? { meterPoint, kind: 'channel', code: input.channel, at, value, quality }
    : { meterPoint, kind: 'register', code: input.register, at, value, quality };
}

// A wall clock stands for two instants in these.
const zones = ['UTC', 'Pacific/Auckland'].map(name => parseZone(name)!);

/** The reading again, ready to be judged. */
export function readingOfItem(item: QuarantinedItem): ReadingInput | PlainReading | FileReading {
  return 'kind' in item ? { ...item, value: microKwh(item.value ?? Number.NaN) } : item;
}

/** What people look for it by. */
export function showItem(item: QuarantinedItem) {
  if ('kind' in item) {
    const { kind, code = '', at, value } = item;
    return { kind, code, stamp: formatUtc(at), value: value === null ? '' : formatKwh(microKwh(value)) };
  }
  return isIntervalEnergy(item)
    ? { kind: 'channel' as const, code: item.channel ?? '', stamp: `${item.start}`, value: `${item.energy}` }
    : { kind: 'register' as const, code: item.register ?? '', stamp: `${item.at}`, value: `${item.value}` };
}
