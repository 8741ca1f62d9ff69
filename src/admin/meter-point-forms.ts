import { meterPointChange } from '../accounts/account-fields.ts';
import { changeMeterPoint } from '../accounts/change-meter-point.ts';
import type { MeterPoint, Series } from '../accounts/meter-point.ts';
import { href } from '../http/href.ts';
import { formatWallClock, type Instant, instant, minuteOfDay } from '../units/time.ts';
import { type FormField, type FormSpec, readForm } from './form.ts';
import type { ActionRequest, ActionResult, AdminDeps, PageAction } from './page.ts';
import { enteredQualities, recordReading } from './record-reading.ts';

const parent = '/admin/meter-points';

/** What is asked of a new meter point, and of one that changes; others' regions and types of dwelling are proposed. */
export function premisesFields({ meterPoints }: AdminDeps, meterPoint?: MeterPoint): FormField[] {
  const [regions, dwellings] = [
    meterPoints.directory.premises('region'),
    meterPoints.directory.premises('dwellingType'),
  ];
  return [
    { name: 'address', label: 'Address', value: meterPoint?.address ?? '' },
    { name: 'region', label: 'Region', value: meterPoint?.region ?? '', suggestions: regions },
    { name: 'subRegion', label: 'Sub-region', value: meterPoint?.subRegion ?? '' },
    { name: 'postcode', label: 'Postcode', value: meterPoint?.postcode ?? '' },
    { name: 'dwellingType', label: 'Type of dwelling', value: meterPoint?.dwellingType ?? '', suggestions: dwellings },
  ];
}

/** The forms of a meter point's page, as it stands. */
export function meterPointForms(meterPoint: MeterPoint, series: readonly Series[], now: Instant, deps: AdminDeps) {
  const url = (name: string) => href(parent, [meterPoint.identifier, name]);
  const change: FormSpec = {
    ...{ name: 'change', url: url('change'), button: 'Save', hidden: { version: meterPoint.version } },
    fields: premisesFields(deps, meterPoint),
  };
  const reading: FormSpec = {
    ...{ name: 'reading', url: url('reading'), button: 'Record reading' },
    fields: [
      { name: 'series', label: 'Register or channel', options: seriesOptions(series) },
      { name: 'value', label: 'Value, kWh', required: true, decimal: true },
      {
        ...{ name: 'at', label: 'Read at; of a channel, when its interval began', type: 'datetime-local' },
        ...{
          required: true,
          value: proposedTime(meterPoint, series, now),
          hint: `On the clock of ${meterPoint.zone}.`,
        },
      },
      { name: 'quality', label: 'Quality', options: enteredQualities.map(value => ({ value, label: value })) },
    ],
  };
  return { change, reading };
}

/** What the forms ask for. */
export const meterPointActions: Record<string, PageAction> = {
  change: { role: 'operator', act: change },
  reading: { role: 'operator', act: recordReading },
};

function change({ params, form, user, now }: ActionRequest, deps: AdminDeps): ActionResult {
  const given = readForm(meterPointChange, form, { version: Number(form.get('version')) });
  const { identifier } = changeMeterPoint(deps, params.identifier ?? '', given, { who: `user:${user.name}`, at: now });
  return { to: href(parent, [identifier]) };
}

/** A meter point that never sent anything gets its first register with its first reading. */
function seriesOptions(series: readonly Series[]) {
  if (series.length === 0) return [{ value: 'register', label: 'register 1, new' }];
  const names = new Set(series.map(({ kind, code }) => `${kind} ${code}`));
  return [...names].map(value => ({ value, label: value }));
}

/** Now; where only channels are, the beginning of the last interval that is over. */
function proposedTime({ zone }: MeterPoint, series: readonly Series[], now: Instant): string {
  const minutes = series.length > 0 && series.every(({ kind }) => kind === 'channel') ? series[0]!.intervalMinutes : 0;
  const begun = minutes === 0 ? 0 : (minuteOfDay(now, zone) % minutes) + minutes;
  return formatWallClock(instant(now - begun * 60), zone).slice(0, 16);
}
