import { z } from 'zod';
import { readConfig } from '../config.ts';
import { parseMonth } from '../units/time.ts';
import { type Command, exitCodes, textOption, UsageProblem } from './command.ts';
import { operate } from './with-home.ts';

const report = z.looseObject({
  bills: z.array(
    z.looseObject({
      account: z.string(),
      verdict: z.string(),
      number: z.string().optional(),
      totalDue: z.string().optional(),
      problems: z.array(z.string()).optional(),
    }),
  ),
  mail: z.object({ sent: z.number(), postponed: z.number(), failed: z.number() }),
});

export const billCommand: Command = {
  name: 'bill',
  operands: '',
  summary: 'Drafts and issues the bills of a month, writes the PDFs and sends the mails.',
  optionHelp: [
    '--month YYYY-MM  the month to bill',
    '--account A      one account only',
    '--check          rate every bill a second time, minute by minute, and park what differs',
    '--json           the whole report',
  ],
  options: {
    month: { type: 'string' },
    account: { type: 'string' },
    check: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  run: async input => {
    const month = textOption(input, 'month');
    if (!month || !parseMonth(month)) throw new UsageProblem('name the month, as in --month 2026-10');
    const account = textOption(input, 'account');
    const result = report.parse(
      await operate(readConfig(input.environment), 'bill', {
        month,
        ...(account && { account }),
        check: input.options.check === true,
      }),
    );
    const parked = result.bills.filter(({ verdict }) => verdict === 'parked');
    if (input.options.json) input.print(JSON.stringify(result));
    else {
      for (const bill of result.bills) input.print(sentence(bill));
      const issued = result.bills.filter(({ verdict }) => verdict === 'issued').length;
      input.print(
        `${issued} issued, ${parked.length} parked, ${result.mail.sent} mailed${result.mail.postponed > 0 ? `, ${result.mail.postponed} mails postponed` : ''}.`,
      );
    }
    return parked.length > 0 ? exitCodes.rejected : exitCodes.ok;
  },
};

function sentence({ account, verdict, number, totalDue, problems }: z.infer<typeof report>['bills'][number]): string {
  if (verdict === 'issued') return `✓ ${account}: ${number}, ${totalDue} due`;
  if (verdict === 'parked') return `✗ ${account}: not issued. ${(problems ?? []).join(' ')}`;
  return `· ${account}: ${verdict.replaceAll('-', ' ')}`;
}
