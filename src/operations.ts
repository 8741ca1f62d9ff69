import { z } from 'zod';
import { billMonth } from './billing/bill-month.ts';
import type { House } from './house.ts';
import { month } from './http/schemas.ts';
import { importFile } from './imports/import-file.ts';
import { sendMails } from './jobs/index.ts';
import { secondOpinion } from './tariffs/second-opinion.ts';

/** What the CLI asks of a house: done in its own process when the home is free, else by the server that holds it. */
export interface Operation {
  args: z.ZodType;
  run(house: House, args: unknown, body: Buffer): Promise<unknown>;
}

function operation<Args extends z.ZodType>(
  args: Args,
  run: (house: House, args: z.output<Args>, body: Buffer) => Promise<unknown>,
): Operation {
  return { args, run: (house, given, body) => run(house, args.parse(given), body) };
}

export const operations = {
  /** The body is the file; its name is kept for reports and never opened. */
  'import-file': operation(
    z.strictObject({ name: z.string(), strict: z.boolean().default(false) }),
    (house, { name, strict }, body) =>
      importFile({ ...house, zone: house.config.zone }, { name, bytes: body, strict, by: 'cli' }),
  ),
  bill: operation(
    z.strictObject({ month, account: z.string().optional(), check: z.boolean().default(false) }),
    async (house, args) => {
      const report = await billMonth(
        { ...house, ...(args.check && { secondOpinion }) },
        args.month,
        args.account === undefined ? undefined : [args.account],
      );
      return { ...report, mail: await sendMails(house) };
    },
  ),
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
