import type { Zone } from '../../units/time.ts';
import type { Format } from '../format.ts';
import { firstLineOf } from '../head.ts';
import { LineFileReader, rejected } from './line-file.ts';
import { readRegisterCells, registerCells } from './register-line.ts';

const header = /^identifier\s*,\s*timestamp\s*,\s*usage$/;
const row = /^\d{3}-\d{3}-\d{3}\s*,\s*\d{4}-\d\d-\d\d[T ]\d\d:\d\d[^,]*,\s*\d+(\.\d+)?$/;

/** log.txt and the day files of the meter usage system: `usage` is what the register showed, because it bills differences (P0-09, P0-16). */
export const meterUsageLog: Format = {
  name: 'meter-usage-log',
  title: 'log.txt of the meter usage system',
  looksLike: head => header.test(firstLineOf(head)) || row.test(firstLineOf(head)),
  reader: (sink, context) => {
    const zone = context.siteZone ?? ('UTC' as Zone);
    return new LineFileReader(sink, context, 'identifier,timestamp,usage', (text, line, findings) => {
      if (header.test(text.trim())) return 'skipped';
      const cells = registerCells(text);
      if (!cells) return rejected('P0-09', text, 'the line does not have the three cells identifier,timestamp,usage');
      return readRegisterCells(cells, line, 'P0-09', zone, sink, findings);
    });
  },
};
