import type { Series } from '../../accounts/meter-point.ts';
import { flowOfDial, type RegisterAt, type RegisterKind } from '../../accounts/register-map.ts';
import { formatKwh, microKwh } from '../../units/energy.ts';
import { type ExportedPoint, type ExportFormat, unfit } from '../export-format.ts';
import { mapStates } from '../map-states.ts';
import { checkNames, uffFileName, Wrappers } from '../uff.ts';

const items = ['multiplierMicro', 'digits', 'kind', 'quantity', 'configuration'] as const;
/** J0474. */
const registerTypes: Record<RegisterKind, string> = { cumulative: 'C', 'maximum-demand': 'M', other: '1' };
// NUM(9,2): what has more digits before its point than these is no multiplier to our reader either.
const multiplierMaxMicro = 1e15;

/** What registers are, as D0150: multiplier, digits, type and quantity, from each day on which any of them changed (D10-17). */
export const d0150: ExportFormat = {
  name: 'd0150',
  title: 'D0150 (multipliers and digits)',
  contentType: 'text/plain; charset=utf-8',
  fileName: ({ createdAt }) => uffFileName('D0150', createdAt),
  takes: ({ kind, map = [] }) =>
    kind === 'register' && map.some(facts => items.some(item => facts[item] !== undefined && facts[item] !== '')),
  *write({ points }) {
    const file = new Wrappers('D0150002');
    for (const point of points) {
      for (const series of point.series) yield* writeRegister(file, point, series);
    }
    yield file.close();
  },
};

function* writeRegister(file: Wrappers, point: ExportedPoint, series: Series): Generator<string> {
  checkNames('D0150', point, series);
  const { code, serial } = series;
  for (const { day, version, holds } of mapStates('D0150', point, series, items)) {
    const { multiplierMicro, digits, configuration } = holds;
    const told = { kind: kindOf(series, holds), quantity: quantityOf(series, holds) };
    const { flow, unit } = flowOfDial(told) ?? { flow: 'from-grid', unit: 'kWh' };
    const says =
      (digits === undefined && 'a register of which nobody told how many digits it has') ||
      (multiplierMicro >= multiplierMaxMicro && 'its multiplier') ||
      ((flow !== series.flow || unit !== series.unit) &&
        `a register of ${series.unit} that counts the flow ${series.flow}`);
    if (says) throw unfit('D0150', point, series, says);
    yield file.add(version, [
      `288|${point.meterPoint.identifier}|${day}|||`,
      `289|${configuration}|${day}|||`,
      `290|${serial}${'|'.repeat(25)}`,
      `293|${code}|${registerTypes[told.kind]}|${told.quantity}|${formatKwh(microKwh(multiplierMicro), 2)}||${digits}|||`,
    ]);
  }
}

/** Where nobody told it, what the register is taken for. */
function kindOf({ unit, flow }: Series, { kind }: RegisterAt): RegisterKind {
  return kind ?? (unit === 'kW' ? 'maximum-demand' : flow === 'none' && unit === 'kWh' ? 'other' : 'cumulative');
}

/** J0103. */
function quantityOf({ unit, flow }: Series, { quantity }: RegisterAt): string {
  if (quantity !== '') return quantity;
  if (unit === 'kVArh') return 'RI';
  return flow === 'to-grid' ? 'AE' : 'AI';
}
