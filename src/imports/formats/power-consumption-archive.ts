import type { Zone } from '../../units/time.ts';
import type { Format } from '../format.ts';
import { firstLineOf } from '../head.ts';
import { LineFileReader, rejected } from './line-file.ts';
import { readRegisterCells, registerCells } from './register-line.ts';

const header = /^meter_id\s*,\s*timestamp\s*,\s*reading$/;

/** Archive/daily_….csv and monthly_….csv of the power consumption management API: register values (P1-14, P1-15). */
export const powerConsumptionArchive: Format = {
  name: 'power-consumption-archive',
  title: 'Archive CSV of the power consumption API',
  looksLike: head => header.test(firstLineOf(head)),
  reader: (sink, context) => {
    const zone = context.siteZone ?? ('UTC' as Zone);
    return new LineFileReader(sink, context, 'meter_id,timestamp,reading', (text, line, findings) => {
      if (header.test(text.trim())) return 'skipped';
      const cells = registerCells(text);
      if (!cells) return rejected('P1-14', text, 'the line does not have the three cells meter_id,timestamp,reading');
      return readRegisterCells(cells, line, 'P1-14', zone, sink, findings);
    });
  },
};
