import { flowFormat } from '../dtc/flow-format.ts';
import type { GroupTable, Item } from '../dtc/flow-table.ts';
import { interpretMaps, type MapCodes, mapItems } from '../dtc/register-maps.ts';
import { meterId, mpan, registerId } from '../dtc/register-readings.ts';
import type { Format } from '../format.ts';

const codes: MapCodes = { meterPoint: '288', configuration: '289', timePatterns: [], meter: '290', register: '293' };
const { from, configuration, registerType, quantity, multiplier, digits } = mapItems;

/** Items that are of no use here, as many as a group carries. */
function unread(count: number): Item[] {
  return Array.from({ length: count }, (_, at) => {
    const name = `further item ${at + 1}`;
    return { name, title: name, type: { kind: 'unread' }, rule: 'D10-5' };
  });
}

const unused = (title: string): GroupTable => ({ title, items: [], unused: true });

/**
 * What a meter's registers are: multiplier (J0475), digits (J0478), quantity (J0103) and type (J0474): flow D0150 version 002, which
 * makes D0010 billable (D10-17). The codes 288 to 296 and 08A are in FORMATS 3.3; how many items 288 to 293 carry, their order and
 * lengths, and group 762, from two public implementations that agree, a checker of the flow and a generator.
 */
export const d0150: Format = flowFormat('D0150 (UK DTC meter technical details)', {
  flow: 'D0150',
  versions: ['002'],
  counted: 'meter points',
  groups: {
    288: { title: 'MPAN Cores', items: [mpan, from, ...unread(2)] },
    289: {
      title: 'Standard Settlement Configuration',
      parents: ['288'],
      items: [{ ...configuration, optional: true }, ...unread(3)],
    },
    290: { title: 'Meter', parents: ['288'], items: [meterId, ...unread(24)] },
    291: { title: 'Current Transformer', parents: ['290'], items: unread(1) },
    293: {
      title: 'Meter Register',
      parents: ['290'],
      items: [registerId, registerType, quantity, multiplier, ...unread(1), digits, ...unread(2)],
    },
    292: unused('Further meter details'),
    294: unused('Further meter details'),
    295: unused('Outstation Channels'),
    296: unused('Maintenance of the Meter'),
    762: unused('Maintenance'),
    '08A': unused('Removed Meters'),
  },
  interpret: interpretMaps(codes),
});
