import { flowFormat } from '../dtc/flow-format.ts';
import { interpretReadings, type ReadingCodes, readingGroups } from '../dtc/register-readings.ts';
import type { Format } from '../format.ts';

const codes: ReadingCodes = {
  meterPoint: '026',
  meterPointVisit: '027',
  meter: '028',
  meterVisit: '029',
  reading: '030',
  validation: '032',
  readingVisit: '033',
};

/** Register readings of the British market: Data Transfer Catalogue flow D0010 version 002 (rules D10-1 to D10-20). */
export const d0010: Format = flowFormat('D0010 (UK DTC meter readings)', {
  flow: 'D0010',
  versions: ['002'],
  counted: 'meter points',
  groups: readingGroups(codes),
  interpret: interpretReadings(codes),
});
