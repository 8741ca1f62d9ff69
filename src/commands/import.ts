import { z } from 'zod';
import { type Config, readConfig } from '../config.ts';
import type { ImportReport } from '../imports/import-report.ts';
import { describeProblem } from '../imports/problem.ts';
import { type Command, type CommandInput, type ExitCode, exitCodes, UsageProblem } from './command.ts';
import { filesOf, importFiles, importOptions, type RefusedFile } from './import-files.ts';
import { operate } from './with-home.ts';

const problemsShownMax = 20;

export const importCommand: Command = {
  name: 'import',
  operands: 'FILE… | undo RUN',
  summary:
    'Imports meter data files, by their content: NEM12, NEM13, Green Button, D0010, our own archives and exports, the predecessors’ archives, logs and customer lists, zips of them. A folder means its files. A bad file does not stop the next. "undo RUN" takes an import back; a file of that name is given as ./undo.',
  optionHelp: [
    '--dry-run              reports what would happen and changes nothing',
    '--strict               all of a file or nothing of it; without it good records enter and bad ones are listed',
    '--profile NAME         how the columns of a CSV file are read',
    '--meter-point ID       for files that name none',
    '--expected-kwh N       energy of all channels of the one file; another total is a problem, and refuses a strict file',
    '--expected-readings N  intervals with a value and values of registers, in the same way',
    '--json                 one object a line and file: format, sha256, counts, problems …',
  ],
  options: {
    ...importOptions,
    json: { type: 'boolean' },
    'expected-kwh': { type: 'string' },
    'expected-readings': { type: 'string' },
  },
  run: async input => {
    if (input.operands.length === 0) throw new UsageProblem('name at least one file');
    const config = readConfig(input.environment);
    if (input.operands[0] === 'undo') return undo(config, input);
    const paths = filesOf(input.operands);
    if (paths.length > 1 && ('expected-kwh' in input.options || 'expected-readings' in input.options))
      throw new UsageProblem('an expected total is of one file');
    if (paths.length === 0 && !input.options.json) input.print(`There are no files in ${input.operands.join(', ')}.`);
    let rejected = false;
    let changed = false;
    for await (const { result } of importFiles(config, paths, input)) {
      rejected ||= 'refused' in result || result.counts.rejected > 0;
      if (input.options.json) input.print(JSON.stringify(result));
      else show(result, input);
      changed ||= !('refused' in result) && !input.options['dry-run'] && result.counts.new + result.counts.revised > 0;
    }
    // The command itself leaves them due: writing a year of them takes longer than the import.
    if (changed && !input.options.json)
      input.print('The archives follow when the server flushes; "maintain daily" writes them at once.');
    return rejected ? exitCodes.rejected : exitCodes.ok;
  },
};

async function undo(config: Config, { operands: [, run, ...rest], options, print }: CommandInput): Promise<ExitCode> {
  if (!/^\d{1,15}$/.test(run ?? '') || rest.length > 0) throw new UsageProblem('say which run: "import undo 12"');
  const others = Object.keys(options).filter(name => name !== 'dry-run' && name !== 'json');
  if (others.length > 0)
    throw new UsageProblem(`"import undo" takes --dry-run and --json, and not --${others.join(', --')}`);
  const dryRun = options['dry-run'] === true;
  const report = undoneImport.parse(await operate(config, 'undo-import', { run: Number(run), dryRun }));
  if (options.json) {
    print(JSON.stringify(report));
    return exitCodes.ok;
  }
  const { gone, returned, beside, billed, readAgain } = report;
  const dry = dryRun ? ' (dry run, nothing was changed)' : '';
  print(
    `✓ import ${run}: ${gone} readings gone, ${returned} replaced by what stood there before, ${beside} from beside${dry}`,
  );
  for (const { meterPoint, code, invoice, readings } of billed)
    print(`  ${readings} readings of ${meterPoint} ${code} stay: invoice ${invoice} covers them`);
  if (readAgain.length > 0) print(`  read again, because they met these readings: imports ${readAgain.join(', ')}`);
  return exitCodes.ok;
}

const undoneImport = z.object({
  gone: z.int(),
  returned: z.int(),
  beside: z.int(),
  billed: z.array(z.object({ meterPoint: z.string(), code: z.string(), invoice: z.string(), readings: z.int() })),
  readAgain: z.array(z.int()),
});

function show(report: ImportReport | RefusedFile, { print, options }: CommandInput): void {
  if ('refused' in report) {
    print(`✗ ${report.file}: ${report.why}`);
    return;
  }
  const { counts, problems, importedBefore } = report;
  const created = report.meterPointsNew ?? report.meterPointsCreated.length;
  const parts = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  const dry = options['dry-run'] ? ' (dry run, nothing was changed)' : '';
  print(`${counts.rejected > 0 ? '✗' : '✓'} ${report.file}: ${report.format}, ${parts.join(', ')}${dry}`);
  if (importedBefore) print(`  the same bytes were imported before, as ${importedBefore.file} at ${importedBefore.at}`);
  for (const { of, expected, found, difference } of report.expected ?? [])
    print(
      `  ${of}: ${found}, ${difference === '0' ? 'as expected' : `expected ${expected}, a difference of ${difference}`}`,
    );
  if (created > 0) print(`  ${created} meter points met for the first time`);
  for (const problem of problems.slice(0, problemsShownMax)) print(`  ${describeProblem(problem)}`);
  const found = report.rules?.reduce((sum, { count }) => sum + count, 0) ?? problems.length;
  const which = found > problems.length ? `the first ${problems.length - 1}; the page of the import has all` : 'all';
  if (found > problemsShownMax) print(`  and ${found - problemsShownMax} more; --json lists ${which}`);
}
