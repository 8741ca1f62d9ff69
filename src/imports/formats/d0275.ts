import type { Zone } from '../../units/time.ts';
import { flowFormat } from '../dtc/flow-format.ts';
import { type HalfHourFlow, halfHourGroups, interpretHalfHours } from '../dtc/half-hours.ts';
import type { Format } from '../format.ts';

const flow: HalfHourFlow = {
  meterPoint: '25B',
  day: '26B',
  halfHour: '27B',
  digits: 7,
  decimals: 1,
  zone: 'UTC' as Zone,
};

/** Half-hours of UTC days, 48 always: flow D0275. Groups from FORMATS 3.3, items of 25B as in its sibling D0379. */
export const d0275: Format = flowFormat('D0275 (UK DTC half-hours, UTC)', {
  flow: 'D0275',
  versions: ['001', '002'],
  counted: 'meter points',
  groups: halfHourGroups(flow),
  interpret: interpretHalfHours(flow),
});
