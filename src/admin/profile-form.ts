import { plainHeading } from '../imports/profiles/cells.ts';
import { type Column, type Profile, profileSchema, type ValueColumn } from '../imports/profiles/profile.ts';

/** What a column can be taken for by hand. */
export const editableRoles = ['stamp', 'time', 'meter point', 'serial', 'quality', 'energy'] as const;
type EditableRole = (typeof editableRoles)[number];

/** The profile as the form's fields change it; the rest stays as in `base`. */
export function profileOfForm(form: URLSearchParams, base: Profile): { profile: Profile } | { problem: string } {
  const text = (name: string) => form.get(name)?.trim();
  const roles = rolesIn(form);
  const columnOf = (role: EditableRole) => roles.find(each => each.role === role)?.column;
  const [stamp, time, meterPointAt] = [columnOf('stamp'), columnOf('time'), columnOf('meter point')];
  const [serial, qualityAt] = [columnOf('serial'), columnOf('quality')];
  const { serial: _serial, quality, interval, day, ...rest } = base;
  const asked = roles.length > 0;
  const minutes = Number(text('minutes') || Number.NaN);
  const timePattern = text('timePattern') || base.stamp.time?.pattern || 'HH:mm[:ss]';
  // Whatever was typed, the schema judges it.
  const input = {
    ...rest,
    name: text('name') || base.name,
    title: text('title') || base.title,
    zone: text('zone') || base.zone,
    edge: text('edge') === 'end' ? 'end' : 'start',
    decimal: text('decimal') === ',' ? ',' : '.',
    tables: base.tables.map((table, at) =>
      at === 0 ? { ...table, values: valuesIn(form, roles, table.values, base) } : table,
    ),
    stamp: {
      column: stamp ?? base.stamp.column,
      pattern: text('pattern') || base.stamp.pattern,
      ...((asked ? time : base.stamp.time) && {
        time: { column: time ?? base.stamp.time!.column, pattern: timePattern },
      }),
    },
    ...(day
      ? { day: { ...day, minutes: minutes || day.minutes } }
      : { interval: Number.isNaN(minutes) ? interval : { minutes } }),
    meterPoint: meterPointIn(form, base, meterPointAt),
    ...(serial !== undefined && { serial }),
    ...(qualityAt !== undefined && { quality: { column: qualityAt, words: wordsIn(form, quality) } }),
  };
  const parsed = profileSchema.safeParse(input);
  if (parsed.success) return { profile: parsed.data };
  return { problem: parsed.error.issues.map(({ path, message }) => `${path.join(' ')}: ${message}`).join('. ') };
}

/** Of a column; of this profile for good, when somebody says so; else as it was, or the importer's to say. */
function meterPointIn(form: URLSearchParams, { meterPoint }: Profile, column: Column | undefined): object {
  if (column !== undefined) return { from: 'column', column };
  const typed = form.get('meterPoint')?.trim();
  if (form.get('keepMeterPoint') === 'yes' && typed) return { from: 'profile', identifier: typed };
  return meterPoint.from === 'column' ? { from: 'caller' } : meterPoint;
}

interface ChosenRole {
  role: EditableRole;
  column: Column;
  index: number;
}

/** `role-3` is what the third column is, `heading-3` how it is named. */
function rolesIn(form: URLSearchParams): ChosenRole[] {
  const chosen: ChosenRole[] = [];
  const headings = [...form.keys()].flatMap(name => /^heading-(\d{1,4})$/.exec(name)?.[1] ?? []).map(Number);
  for (const index of headings) {
    const role = editableRoles.find(each => each === form.get(`role-${index}`));
    const heading = form.get(`heading-${index}`) ?? '';
    const alike = headings.filter(other => plainHeading(form.get(`heading-${other}`) ?? '') === plainHeading(heading));
    if (role) chosen.push({ role, index, column: heading === '' || alike.length > 1 ? index : heading });
  }
  return chosen;
}

/** The columns of energy: what was set for one stays, a new one is taken from the grid until somebody says otherwise. */
function valuesIn(form: URLSearchParams, roles: ChosenRole[], before: ValueColumn[], base: Profile): object[] {
  const energies = roles.filter(({ role }) => role === 'energy');
  if (energies.length === 0 || base.day) return before.map(value => withFields(form, value, before.indexOf(value) + 1));
  const used = new Set(before.map(({ channel }) => channel?.code));
  return energies.map(({ column, index }, at) => {
    const known = before.find(value => value.column === column || value.column === index);
    const position = known ? before.indexOf(known) + 1 : 0;
    let number = at + 1;
    while (used.has(`E${number}`)) number += 1;
    if (!known) used.add(`E${number}`);
    const fresh = { column, kind: before[0]?.kind ?? 'interval', unit: 'kWh', sign: 'as-is', optional: false } as const;
    const channel = { code: `E${number}`, flow: 'from-grid' as const };
    return withFields(form, known ?? { ...fresh, ...(!base.channelBy && { channel }) }, position);
  });
}

/** `flow-1`, `code-1`, `kind-1`, `unit-1` of the first column of energy. */
function withFields(form: URLSearchParams, value: ValueColumn, position: number): object {
  const [flow, code, kind, unit] = ['flow', 'code', 'kind', 'unit'].map(name =>
    form.get(`${name}-${position}`)?.trim(),
  );
  return {
    ...value,
    ...(value.channel && { channel: { code: code || value.channel.code, flow: flow || value.channel.flow } }),
    kind: kind || value.kind,
    unit: unit || value.unit,
  };
}

function wordsIn(form: URLSearchParams, quality: Profile['quality']): object[] {
  return (quality?.words ?? []).map(({ word, quality: before }, at) => ({
    word,
    quality: form.get(`quality-${at + 1}`) || before,
  }));
}
