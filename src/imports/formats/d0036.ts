import type { Zone } from '../../units/time.ts';
import { flowFormat } from '../dtc/flow-format.ts';
import { type HalfHourFlow, halfHourGroups, interpretHalfHours } from '../dtc/half-hours.ts';
import type { Format } from '../format.ts';

const flow: HalfHourFlow = {
  meterPoint: '101',
  day: '102',
  halfHour: '103',
  digits: 7,
  decimals: 1,
  signed: true,
  zone: 'Europe/London' as Zone,
};

/**
 * Half-hours of clock days, 46, 48 or 50 of them: flow D0036. Groups from FORMATS 3.3; that each half-hour is a 103 group of indicator
 * and consumption, and that 101 ends in the supplier, from a public generator of the flow.
 */
export const d0036: Format = flowFormat('D0036 (UK DTC half-hours of clock days)', {
  flow: 'D0036',
  versions: ['001'],
  counted: 'meter points',
  groups: halfHourGroups(flow),
  interpret: interpretHalfHours(flow),
});
