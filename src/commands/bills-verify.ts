import { existsSync } from 'node:fs';
import { type CaseVerdict, verifyBills } from '../billing/verify-bills.ts';
import { type Command, exitCodes, textOption, UsageProblem } from './command.ts';

export const billsVerify: Command = {
  name: 'bills verify',
  operands: 'DIR',
  summary: 'Bills the cases of a folder, whose answers are known, with the code that bills customers, and compares.',
  optionHelp: [
    '--series DIR  where the series files are that cases name (environment: BILL_SERIES_DIR)',
    '--json        [{"case","verdict","expected","ours","why"}]',
  ],
  options: { series: { type: 'string' }, json: { type: 'boolean' } },
  run: async input => {
    const [folder, ...more] = input.operands;
    if (!folder || more.length > 0) throw new UsageProblem('name one folder of bill cases');
    if (!existsSync(folder)) throw new UsageProblem(`there is no folder ${folder}`);
    const series = textOption(input, 'series') ?? input.environment.BILL_SERIES_DIR;
    const verdicts = verifyBills(folder, series ? [series] : []);
    if (verdicts.length === 0) throw new UsageProblem(`${folder} has no case (*.json)`);
    const red = verdicts.filter(({ verdict }) => verdict === 'red').length;
    if (input.options.json) input.print(JSON.stringify(verdicts));
    else {
      for (const verdict of verdicts) for (const line of sentences(verdict)) input.print(line);
      input.print(`${verdicts.length - red} green, ${red} red.`);
    }
    return red > 0 ? exitCodes.rejected : exitCodes.ok;
  },
};

function sentences(verdict: CaseVerdict): string[] {
  const { case: name, verdict: colour, why } = verdict;
  const told = [`${colour === 'green' ? '✓' : '✗'} ${name}: ${colour}`];
  told.push(`    expected  ${shown(verdict.expected)}`, `    ours      ${shown(verdict.ours)}`);
  if (why) told.push(`    why       ${why}`);
  return told;
}

/** The figures that fit on a line; --json has all of them. */
function shown(side: CaseVerdict['expected'] | CaseVerdict['ours']): string {
  if (!side) return 'nothing';
  if ('refused' in side && side.refused) return `refused: ${side.refused.code}`;
  const lines = ('lines' in side && side.lines) || [];
  const figures = [
    ...lines.slice(0, linesShownMax).map(line => `${line.code} ${line.amount ?? line.quantity ?? ''}`),
    ...(lines.length > linesShownMax ? [`${lines.length - linesShownMax} more lines`] : []),
    ...(['chargesExTax', 'tax', 'total', 'totalDue'] as const).flatMap(name =>
      name in side && side[name as keyof typeof side] !== undefined
        ? [`${name} ${side[name as keyof typeof side]}`]
        : [],
    ),
  ];
  return figures.join(', ');
}

const linesShownMax = 6;
