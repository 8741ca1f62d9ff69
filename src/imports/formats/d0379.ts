import type { Zone } from '../../units/time.ts';
import { flowFormat } from '../dtc/flow-format.ts';
import { type HalfHourFlow, halfHourGroups, interpretHalfHours } from '../dtc/half-hours.ts';
import type { Format } from '../format.ts';

const flow: HalfHourFlow = {
  meterPoint: '25B',
  day: '26B',
  halfHour: '66L',
  digits: 9,
  decimals: 3,
  zone: 'UTC' as Zone,
};

/**
 * Half-hours of smart meters in UTC days, 48 always: flow D0379. Groups from FORMATS 3.3; the items of 25B, 26B and 66L from a public
 * generator of the flow. What the values of 64L, the validated flag, mean is not public, so it is told and not used.
 */
export const d0379: Format = flowFormat('D0379 (UK DTC smart half-hours, UTC)', {
  flow: 'D0379',
  versions: ['001'],
  counted: 'meter points',
  groups: { ...halfHourGroups(flow), '64L': { title: 'Validated Flag', items: [], unused: true } },
  interpret: interpretHalfHours(flow),
});
