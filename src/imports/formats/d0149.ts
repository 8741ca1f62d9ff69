import { flowFormat } from '../dtc/flow-format.ts';
import { interpretMaps, type MapCodes, mapItems } from '../dtc/register-maps.ts';
import { meterId, mpan, registerId } from '../dtc/register-readings.ts';
import type { Format } from '../format.ts';

const codes: MapCodes = {
  meterPoint: '280',
  configuration: '281',
  timePatterns: ['778', '282'],
  meter: '283',
  register: '284',
};
const unusedDetails = { title: 'Further mapping details', items: [], unused: true } as const;
const { from, configuration, configurationFrom, timePattern, coefficient } = mapItems;

/**
 * Which register counts in which time pattern: flow D0149 (D10-17). The codes 280 to 284 and 23A to 26A are in FORMATS 3.3; what 280,
 * 281, 283 and 284 carry, and the time pattern in a 778, from a public generator of the flow. 282 is read as the same, and the 23A to 26A,
 * whose items are not public, are told and not used.
 */
export const d0149: Format = flowFormat('D0149 (UK DTC mapping details)', {
  flow: 'D0149',
  versions: ['001', '002'],
  counted: 'meter points',
  groups: {
    280: { title: 'MPAN Cores', items: [mpan, from] },
    281: { title: 'Standard Settlement Configuration', parents: ['280'], items: [configuration, configurationFrom] },
    282: { title: 'Time Pattern Regime', parents: ['281'], items: [timePattern] },
    778: { title: 'Time Pattern Regime', parents: ['281'], items: [timePattern] },
    283: { title: 'Meter', parents: ['778', '282'], items: [meterId] },
    284: { title: 'Meter Register', parents: ['283'], items: [registerId, coefficient] },
    ...Object.fromEntries(['23A', '24A', '25A', '26A'].map(code => [code, unusedDetails])),
  },
  interpret: interpretMaps(codes),
});
