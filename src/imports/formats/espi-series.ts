import type { Instant } from '../../units/time.ts';
import type { Findings } from '../findings.ts';
import type { ChannelRole, FormatSink } from '../format.ts';
import { quote } from '../problem.ts';
import type { ColumnStore } from './espi-columns.ts';
import { Emission } from './espi-emission.ts';
import type { Block } from './espi-feed.ts';
import type { Content } from './espi-links.ts';
import type { LocalTime } from './espi-local-time.ts';
import { services, type UnitOfFeed, unitsOfFeed } from './espi-units.ts';

/** One MeterReading with everything it hangs together with. */
export interface FeedSeries {
  meterReading: Content;
  usagePoint: Content;
  readingType: Content;
  blocks: Block[];
  localTime: LocalTime | undefined;
  meterPoint: string;
  /** E1, B1: as it names itself, else by the order of links among those of its direction. */
  code: string;
  /** '' when the feed does not say, as only our own does. */
  meterSerial: string;
  role: ChannelRole;
  feedUpdatedAt: Instant;
}

/**
 * Emits what the readings of a series say, part by part: yields how many readings each had. Returns the number of runs and register
 * readings.
 */
export function* emitSeries(
  series: FeedSeries,
  columns: ColumnStore,
  sink: FormatSink,
  findings: Findings,
): Generator<number, number> {
  const unit = readUnit(series, findings);
  const manner = mannerOf(series, findings);
  const multiplier = readMultiplier(series, findings);
  if (unit === undefined || manner === undefined || multiplier === undefined) return 0;
  const emission = new Emission(series, unit, unit.exponent + multiplier, sink, findings);
  for (const block of series.blocks) {
    emission.begin(block);
    for (const part of block.parts) {
      const readings = columns.open(part);
      if (manner === 'interval') emission.intervals(readings);
      else emission.registers(readings);
      yield readings.count;
    }
    emission.end(block);
  }
  const { meterPoint, code, blocks } = series;
  const costs = blocks.flatMap(({ cost }) => cost ?? []);
  const cost = costs.length > 0 ? costs.reduce((sum, each) => sum + each) : undefined;
  sink.seriesTotals?.({ meterPoint, code, blocks: blocks.length, cost });
  return emission.records;
}

/** GB-4: a unit that its service cannot be counted in would be energy of nobody's. */
function readUnit({ readingType, usagePoint }: FeedSeries, findings: Findings): UnitOfFeed | undefined {
  const { line } = readingType.entry;
  const uom = readingType.fields.get('uom') ?? '';
  const service = usagePoint.fields.get('kind') ?? '0';
  const unit = unitsOfFeed[uom];
  const reject = (says: string, raw: string, field: string) =>
    findings.add(line, { rule: 'GB-4', severity: 'error', field, raw, says, action: 'rejected' });
  if (!unit) reject(`${quote(uom)} is not a unit that meter data are in`, uom, 'uom');
  else if (!services[service])
    reject(`${quote(service)} is not a service that is metered here: electricity, gas or water`, service, 'kind');
  else if (!unit.services.includes(service)) reject(`${services[service]} is not counted in ${unit.unit}`, uom, 'uom');
  else return unit;
  return undefined;
}

/** GB-5: 4 is the energy of an interval; 1, 3 and 9 are a register's value; anything else is not energy. */
function mannerOf({ readingType }: FeedSeries, findings: Findings): 'interval' | 'register' | undefined {
  const sent = readingType.fields.get('accumulationBehaviour') ?? '';
  if (sent === '4' || sent === '' || sent === '0') return 'interval';
  if (sent === '1' || sent === '3' || sent === '9') return 'register';
  const says = `accumulation ${quote(sent)} is no energy and no register; its readings are passed over`;
  const place = { rule: 'GB-5', field: 'accumulationBehaviour', raw: sent };
  findings.add(readingType.entry.line, { ...place, severity: 'warning', says, action: 'ignored' });
  return undefined;
}

const multiplierMax = 15;

function readMultiplier({ readingType }: FeedSeries, findings: Findings): number | undefined {
  const sent = readingType.fields.get('powerOfTenMultiplier') ?? '';
  if (sent === '') return 0;
  if (/^[+-]?\d{1,2}$/.test(sent) && Math.abs(Number(sent)) <= multiplierMax) return Number(sent);
  const says = `${quote(sent)} is not a power of ten`;
  const place = { rule: 'GB-3', field: 'powerOfTenMultiplier', raw: sent };
  findings.add(readingType.entry.line, { ...place, severity: 'error', says, action: 'rejected' });
  return undefined;
}
