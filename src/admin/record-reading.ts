import type { Series } from '../accounts/meter-point.ts';
import { advances } from '../consumption/register-advance.ts';
import { showKwh, showMoment } from '../http/format.ts';
import { href } from '../http/href.ts';
import { Refusal } from '../kernel/errors.ts';
import { postReadings } from '../readings/post-readings.ts';
import { type Quality, qualities } from '../readings/reading.ts';
import { formatKwh } from '../units/energy.ts';
import { dayOf, parseInstant, type Zone } from '../units/time.ts';
import type { ActionRequest, ActionResult, AdminDeps, PageRequest } from './page.ts';

type EnteredQuality = Exclude<Quality, 'missing'>;

export const enteredQualities = qualities.filter((quality): quality is EnteredQuality => quality !== 'missing');

// The API names fields by what is read; the form has one field for each of the two kinds.
const fieldOf: Record<string, string> = {
  '/start': '/at',
  '/energy': '/value',
  '/register': '/series',
  '/channel': '/series',
};

/**
 * A reading that a person typed (P0-08) goes in as one a meter posts: same rules, same journal, answered when it is on disk. Throws the
 * refusals of POST /v1/readings, with the fields of the form.
 */
export async function recordReading(
  { params, form, user, now }: ActionRequest,
  deps: AdminDeps,
): Promise<ActionResult> {
  deps.reception.assertOpen();
  const { identifier: meterPoint, zone } = deps.meterPoints.get(params.identifier ?? '');
  const text = (name: string) => (form.get(name) ?? '').trim();
  const [kind = '', code] = splitOnce(text('series'));
  const quality = enteredQualities.find(each => each === text('quality')) ?? 'actual';
  const [at, value] = [text('at'), text('value')];
  const item =
    kind === 'channel'
      ? { meterPoint, start: at, energy: value, channel: code, quality }
      : { meterPoint, at, value, register: code, quality };
  const [verdict] = await postReadings(deps.posting, [item], deps.sources.idOf('user', user.name));
  if (verdict?.verdict === 'rejected') {
    const { code: refused, message, pointer } = verdict;
    throw new Refusal(refused, message, [{ pointer: fieldOf[pointer] ?? pointer, message }]);
  }
  if (verdict?.verdict === 'conflict') {
    const message = `${formatKwh(verdict.existing.value)} kWh is known for this time already; both are kept`;
    throw new Refusal('reading-conflict', message, [{ pointer: '/value', message }]);
  }
  if (verdict?.verdict === 'quarantined') return { to: href('/admin/quarantine', [], { q: meterPoint }) };
  const detail = { series: text('series'), at, value, quality };
  const event = { at: now, who: `user:${user.name}`, action: 'reading.record', subject: `meter-point:${meterPoint}` };
  deps.access.audit.record({ ...event, detail });
  const date = dayOf(parseInstant(at, zone) ?? now, zone);
  return { to: href('/admin/meter-points', [meterPoint], { date, recorded: at, of: text('series') }) };
}

/** The reading that was just recorded, as the address says: its time, its value, and what flowed since the one before. */
export function recordedReading({ query }: PageRequest, series: readonly Series[], zone: Zone, deps: AdminDeps) {
  const at = parseInstant(query.get('recorded') ?? '', zone);
  if (at === undefined) return undefined;
  const [kind, code = '1'] = splitOnce(query.get('of') ?? '');
  const found = series.find(each => each.kind === kind && each.code === code);
  const reading = found && deps.readings.find(found.id, at);
  if (!reading) return undefined;
  const shown = { at: showMoment(at, zone), of: `${found.kind} ${found.code}`, value: showKwh(reading.value, 3) };
  if (found.kind === 'channel') return { ...shown, usage: shown.value };
  const before = deps.readings.before(found.id, at);
  const advance = before && advances([before, reading], found.map)[0];
  return {
    ...shown,
    usage: advance && `${showKwh(advance.energy, 3)} since ${showMoment(advance.from.at, zone)}`,
  };
}

function splitOnce(text: string): [string, string | undefined] {
  const blank = text.indexOf(' ');
  return blank < 0 ? [text, undefined] : [text.slice(0, blank), text.slice(blank + 1)];
}
