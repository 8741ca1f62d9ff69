import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { House } from './house.ts';
import { day, month } from './http/schemas.ts';
import { readExpectedTotal } from './imports/expected-total.ts';
import { importToEnd } from './imports/import-to-end.ts';
import { writeAtomicParts } from './kernel/files.ts';
import { maintenanceKinds } from './maintenance/maintenance-run.ts';
import { instantOfMs } from './units/time.ts';

/**
 * What the CLI asks of a house: done in its own process when the home is free, else by the server that holds it. What one of them needs
 * for itself is loaded with it: all together would be a fifth of the start of a command.
 */
export interface Operation {
  args: z.ZodType;
  run(house: House, args: unknown, body: AsyncIterable<Uint8Array>, tell: Tell): Promise<unknown>;
}

/** How far an operation is, for whoever asked for it. */
export type Tell = (progress: unknown) => void;

function operation<Args extends z.ZodType>(
  args: Args,
  run: (house: House, args: z.output<Args>, body: AsyncIterable<Uint8Array>, tell: Tell) => Promise<unknown>,
): Operation {
  return { args, run: (house, given, body, tell) => run(house, args.parse(given), body, tell) };
}

export const operations = {
  /** The body is the file; its name is kept for reports and never opened. */
  'import-file': operation(
    z.strictObject({
      name: z.string(),
      strict: z.boolean().default(false),
      dryRun: z.boolean().default(false),
      profile: z.string().default(''),
      meterPoint: z.string().default(''),
      expectedKwh: z.string().default(''),
      expectedReadings: z.string().default(''),
    }),
    async ({ importQueue: queue }, { dryRun, expectedKwh, expectedReadings, ...order }, body, tell) => {
      const expected = readExpectedTotal(expectedKwh, expectedReadings);
      const kept = await queue.keep(body, { dryRun });
      return importToEnd(queue, queue.order({ ...order, ...kept, expected, importedBy: 'cli' }, { dryRun }).id, tell);
    },
  ),
  'undo-import': operation(z.strictObject({ run: z.int(), dryRun: z.boolean() }), async (house, { run, dryRun }) => {
    if (dryRun) return house.importUndos.preview(run);
    const { undoRecorded } = await import('./imports/undo-routes.ts');
    return (await undoRecorded(house, run, 'cli')).report;
  }),
  /** Written by whoever holds the home, as a whole file or none. */
  'export-readings': operation(
    z.strictObject({
      ...{ format: z.string(), meterPoints: z.array(z.string()), codes: z.array(z.string()) },
      ...{ from: z.string(), to: z.string(), asKnownAt: z.string().default(''), path: z.string() },
      conflicts: z.boolean().default(false),
    }),
    async (house, { path, ...request }) => {
      const { exportReadings } = await import('./exports/export-readings.ts');
      const { fileName, parts } = await exportReadings({ ...house, zone: house.config.zone }, request);
      return { fileName, ...(await writeAtomicParts(path, parts())) };
    },
  ),
  /** The body is a plan document. */
  'add-plan': operation(z.strictObject({}), async (house, _, body) => {
    const document: unknown = JSON.parse(await text(body));
    const { plan, version, sha256 } = house.plans.addVersion(document, instantOfMs(house.clock.now()));
    return { planCode: plan.planCode, version, sha256 };
  }),
  bill: operation(
    z.strictObject({ month, account: z.string().optional(), check: z.boolean().default(false) }),
    async (house, args) => {
      const { billMonth } = await import('./billing/bill-month.ts');
      const { sendMails } = await import('./jobs/index.ts');
      const report = await billMonth(house, args.month, {
        accounts: args.account === undefined ? undefined : [args.account],
        check: args.check,
      });
      return { ...report, mail: await sendMails(house) };
    },
  ),
  maintain: operation(z.strictObject({ kinds: z.array(z.enum(maintenanceKinds)) }), (house, { kinds }) =>
    house.maintenance.start(kinds, 'cli'),
  ),
  verify: operation(z.strictObject({}), async house => (await import('./safekeeping/verify.ts')).verify(house)),
  'rebuild-archives': operation(
    z.strictObject({ day: day.optional(), month: month.optional() }),
    async (house, wanted) => {
      const { rebuildArchives } = await import('./safekeeping/rebuild-archives.ts');
      return { written: await rebuildArchives(house, wanted) };
    },
  ),
  /** The folder is an absolute path; only who may read the home reaches this door. */
  backup: operation(z.strictObject({ folder: z.string() }), async (house, { folder }) =>
    (await import('./safekeeping/backup.ts')).backup(house, folder),
  ),
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
