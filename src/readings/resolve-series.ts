import { flowOfSuffix, type MeterPoint, type Series, type SeriesKind } from '../accounts/meter-point.ts';
import type { MeterPointStore, NewSeries } from '../accounts/meter-point-store.ts';

const defaultIntervalMinutes = 30;
const defaultCode: Record<SeriesKind, string> = { register: '1', channel: 'E1' };

/**
 * The register or channel a posted reading belongs to. Without a code it is the meter point's only one of that kind. For a meter point
 * that has none yet the answer is the one to add, and an NMI suffix (E1, B1 …) may join later because its meaning is known; any other
 * new code is more likely a typing error than a new register, so it is not made up: unknown then, with why.
 */
export function resolveSeries(
  meterPoints: Pick<MeterPointStore, 'listSeries' | 'findSeries'>,
  meterPoint: MeterPoint,
  kind: SeriesKind,
  code: string | undefined,
): Series | NewSeries | { unknown: string } {
  const all = meterPoints.listSeries(meterPoint.id);
  // Most meters have one register or channel, and this is asked for every reading.
  if (all.length === 1 && all[0]!.kind === kind && (code === undefined || code === all[0]!.code)) return all[0]!;
  const candidates = all.filter(series => series.kind === kind);
  if (code === undefined) {
    if (candidates.length === 1) return candidates[0]!;
    if (candidates.length > 1) {
      return {
        unknown: `meter point ${meterPoint.identifier} has ${candidates.length} ${kind}s: name one of ${candidates.map(each => each.code).join(', ')}`,
      };
    }
  }
  const wanted = code ?? defaultCode[kind];
  const named =
    candidates.find(series => series.code === wanted) ?? meterPoints.findSeries(meterPoint.id, kind, wanted);
  if (named) return named;
  const flow = kind === 'channel' ? flowOfSuffix(wanted) : 'from-grid';
  const known = candidates.length === 0 || (kind === 'channel' && flow !== 'none');
  if (!known) {
    return {
      unknown: `meter point ${meterPoint.identifier} has no ${kind} ${wanted}, only ${candidates.map(each => each.code).join(', ')}`,
    };
  }
  return {
    meterPointId: meterPoint.id,
    serial: '',
    kind,
    code: wanted,
    flow: candidates.length === 0 && flow === 'none' ? 'from-grid' : flow,
    unit: 'kWh',
    intervalMinutes: defaultIntervalMinutes,
  };
}
