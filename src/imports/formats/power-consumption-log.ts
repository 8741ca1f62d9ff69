import type { Zone } from '../../units/time.ts';
import type { Format } from '../format.ts';
import { firstLineOf } from '../head.ts';
import { LineFileReader, rejected } from './line-file.ts';
import { readRegisterCells, registerCells } from './register-line.ts';

const anyLine = /^(DEBUG|INFO|WARNING|ERROR|CRITICAL) - \d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} - /;
// The sentence its own recovery reads; the other sentences about readings say the same reading again, or one that was refused.
const recorded = ' - Meter reading recorded successfully: ';

/** logs/….log of the power consumption management API: the readings it told its meters it had recorded (P1-21). */
export const powerConsumptionLog: Format = {
  name: 'power-consumption-log',
  title: 'Log of the power consumption API',
  looksLike: head => anyLine.test(firstLineOf(head)),
  reader: (sink, context) => {
    const zone = context.siteZone ?? ('UTC' as Zone);
    return new LineFileReader(sink, context, 'log', (text, line, findings) => {
      const at = text.indexOf(recorded);
      if (at < 0 || !anyLine.test(text)) return 'skipped';
      const begins = at + recorded.length;
      const cells = registerCells(text.slice(begins));
      if (!cells) return rejected('P1-21', text, 'the line does not end in METER, TIME, VALUE', begins + 1);
      const [meter, stamp, value] = cells.columns;
      const columns: typeof cells.columns = [meter + begins, stamp + begins, value + begins];
      return readRegisterCells({ ...cells, columns }, line, 'P1-21', zone, sink, findings);
    });
  },
};
