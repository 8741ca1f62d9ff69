import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../kernel/errors.ts';
import { Slices } from '../kernel/slices.ts';
import type { Instant, Zone } from '../units/time.ts';
import type { IntervalRun, RegisterReading } from './format.ts';
import { formatsOf, type ImportDeps } from './import-file.ts';
import type { ReportedRun } from './import-run.ts';
import type { ImportRunStore } from './import-run-store.ts';
import { membersOf, readMember } from './read-file.ts';

export interface ReadRunDeps {
  importFolder: string;
  zone: Zone;
  importProfiles: NonNullable<ImportDeps['profiles']>;
}

/** Told of what a file says, in its order; the work on what was told is done between portions. */
export interface RunListener {
  intervals(run: IntervalRun): void;
  registerReading(reading: RegisterReading): void;
  /** Between two portions. */
  portion?(): void;
}

/** An import, had it been handed in at `knownAt`. Throws 'import-unknown'. */
export function getKnownRun(
  { imports }: { imports: ImportRunStore },
  id: number,
  knownAt: Instant | undefined,
): ReportedRun {
  const run = imports.get(id);
  if (knownAt !== undefined && run.startedAt > knownAt)
    throw new Refusal('import-unknown', `import ${id} was handed in later than that`);
  return run;
}

/** Reads the kept bytes of an import once more, in slices: what a file says is in the file, whatever became of it. */
export async function readRun(deps: ReadRunDeps, run: ReportedRun, listener: RunListener): Promise<void> {
  const path = join(deps.importFolder, run.sha256);
  const options = {
    strict: run.strict,
    siteZone: deps.zone,
    ...(run.meterPoint && { meterPoint: run.meterPoint }),
    ...formatsOf(deps.importProfiles, run.profile),
  };
  const slices = new Slices();
  const nothing = () => undefined;
  for await (const member of membersOf({ path, name: run.name, size: statSync(path).size }, nothing)) {
    await readMember(member, options, {
      sink: {
        opened: nothing,
        intervals: each => listener.intervals(each),
        registerReading: reading => listener.registerReading(reading),
        indexRead: nothing,
        customer: nothing,
        registerMapping: nothing,
        problem: nothing,
        closed: nothing,
      },
      drain: async () => {
        listener.portion?.();
        await slices.pause();
        return true;
      },
    });
  }
}
