import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type Guess, guessProfile } from '../../imports/profiles/guess-profile.ts';
import { previewProfile } from '../../imports/profiles/preview-profile.ts';
import { type Profile, profileSchema } from '../../imports/profiles/profile.ts';
import { Refusal } from '../../kernel/errors.ts';
import { qualities } from '../../readings/reading.ts';
import type { AdminDeps, AdminPage } from '../page.ts';
import { editableRoles, profileOfForm } from '../profile-form.ts';

const url = '/admin/import-profiles';
// A form of this size is taken by the forms' parser with room for what percent signs add.
const sampleMax = 60_000;

/** How a CSV is read: a sample, what it seems to be, its totals, and a name to remember it by (CSV-4). */
export const importProfilesPage: AdminPage = {
  url,
  title: 'CSV profiles',
  view: 'import-profiles',
  menu: 'CSV profiles',
  role: 'viewer',
  load({ query }, deps) {
    const saved = deps.importProfiles.list();
    const run = query.get('run');
    const name = query.get('profile');
    return {
      url,
      profiles: saved.map(({ profile, version, savedBy }) => ({
        name: profile.name,
        title: profile.title,
        version,
        savedBy,
        clock: profile.zone,
      })),
      saved: query.get('saved'),
      sampleMax,
      ...(run && { sample: sampleOfRun(deps, run) }),
      ...(name && { chosen: deps.importProfiles.get(name).profile.name }),
      ...choices,
    };
  },
  actions: {
    look: { role: 'operator', act: ({ form }, deps) => ({ show: { ...lookAt(form, deps) } }) },
    save: {
      role: 'operator',
      act: ({ form, user, now }, deps) => {
        const shown = lookAt(form, deps);
        if (!shown.profile || shown.problem) return { show: { ...shown } };
        try {
          const { importProfiles } = deps;
          const known = importProfiles.find(shown.profile.name);
          const by = `user ${user.name}`;
          if (known && form.get('replace') === 'yes') importProfiles.replace(shown.profile, by, now);
          else importProfiles.add(shown.profile, by, now);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          return { show: { ...shown, problem: `${error.message}.` } };
        }
        return { to: `${url}?saved=${encodeURIComponent(shown.profile.name)}` };
      },
    },
  },
};

const choices = {
  flows: [
    { value: 'from-grid', label: 'from grid' },
    { value: 'to-grid', label: 'to grid' },
    { value: 'from-solar', label: 'from solar' },
    { value: 'none', label: 'neither' },
  ],
  roles: editableRoles,
  qualities,
  units: ['kWh', 'Wh', 'MWh', 'kW', 'W'],
};

interface Look {
  sample: string;
  meterPoint: string;
  profile?: Profile;
  document?: string;
  guess?: Pick<Guess, 'reasons' | 'questions'>;
  preview?: ReturnType<typeof previewProfile>;
  problem?: string;
}

/** What the form's profile makes of its sample; without a profile, what the sample seems to be. */
function lookAt(form: URLSearchParams, { importProfiles, zone }: AdminDeps): Look {
  // Browsers send CR LF from a text field, whatever was in it.
  const sample = (form.get('sample') ?? '').replaceAll('\r\n', '\n').slice(0, sampleMax);
  const meterPoint = (form.get('meterPoint') ?? '').trim();
  const bytes = Buffer.from(sample.endsWith('\n') ? sample : `${sample}\n`, 'utf8');
  const kept = { sample, meterPoint };
  if (sample.trim() === '') return { ...kept, problem: 'Paste the first lines of a file, headings and all.' };
  const known = importProfiles.list().map(({ profile }) => profile);
  const base = documentIn(form);
  const chosen = form.get('start') || undefined;
  const guess = base
    ? undefined
    : chosen
      ? { profile: importProfiles.get(chosen).profile, reasons: [], questions: [] }
      : guessProfile(bytes, known);
  const start = base ?? guess?.profile;
  if (!start)
    return {
      ...kept,
      ...(guess && { guess }),
      problem: 'No column of these lines reads as a date: are they the beginning of a table?',
    };
  const edited = base ? profileOfForm(form, start) : { profile: start };
  if ('problem' in edited) return { ...kept, ...lookWith(start), problem: edited.problem };
  return { ...kept, ...(guess && { guess }), ...lookWith(edited.profile) };

  function lookWith(profile: Profile): Pick<Look, 'profile' | 'document' | 'preview'> {
    const options = { siteZone: zone, ...(meterPoint !== '' && { meterPoint }) };
    return { profile, document: JSON.stringify(profile), preview: previewProfile(profile, bytes, options) };
  }
}

/** The profile that a look before left in the form. */
function documentIn(form: URLSearchParams): Profile | undefined {
  try {
    return profileSchema.safeParse(JSON.parse(form.get('document') ?? '')).data;
  } catch {
    return undefined; // SyntaxError is how JSON.parse says that there is none
  }
}

/** The beginning of a file that was imported, so that nobody has to find it again. */
function sampleOfRun({ imports, importFolder }: AdminDeps, run: string): string {
  const { sha256 } = imports.get(/^\d{1,15}$/.test(run) ? Number(run) : 0);
  const path = join(importFolder, sha256);
  if (!existsSync(path)) return '';
  const head = Buffer.alloc(sampleMax);
  const file = openSync(path, 'r');
  try {
    const text = head.toString('utf8', 0, readSync(file, head, 0, sampleMax, 0));
    return text.slice(0, text.lastIndexOf('\n') + 1) || text;
  } finally {
    closeSync(file);
  }
}
