import { flowFormat } from '../dtc/flow-format.ts';
import { interpretReadings, type ReadingCodes, readingGroups } from '../dtc/register-readings.ts';
import type { Format } from '../format.ts';

const codes: ReadingCodes = {
  meterPoint: '196',
  meterPointVisit: '765',
  meter: '197',
  meterVisit: '766',
  reading: '198',
  validation: '07A',
  readingVisit: '199',
};

/**
 * Readings at a change of supplier: flow D0086 version 002, which "must always match D0010" under codes of its own (FORMATS 3.3, which
 * names them in the order of D0010's).
 */
export const d0086: Format = flowFormat('D0086 (UK DTC change of supplier readings)', {
  flow: 'D0086',
  versions: ['002'],
  counted: 'meter points',
  groups: readingGroups(codes),
  interpret: interpretReadings(codes),
});
