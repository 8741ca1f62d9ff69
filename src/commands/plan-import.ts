import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { readConfig } from '../config.ts';
import { Refusal } from '../kernel/errors.ts';
import type { PlanImport } from '../tariffs/foreign/import-report.ts';
import { importPlan, planSources } from '../tariffs/import-plan.ts';
import { parseDay } from '../units/time.ts';
import { type Command, type CommandInput, exitCodes, textOption, UsageProblem } from './command.ts';
import { operate } from './with-home.ts';

const saved = z.object({ planCode: z.string(), version: z.number() });

export const planImport: Command = {
  name: 'plan import',
  operands: 'FILE',
  summary: 'Saves a price plan: a plan document, or one published as CDR (EnergyPlanDetail) or URDB.',
  optionHelp: [
    '--from cdr|urdb|own  the format; left out, the file tells',
    '--dry-run            print the plan document and what is asked, and save nothing',
    '--answers ID=CHOICE  choose otherwise where something is asked; several with commas between',
    '--code CODE          the plan code; left out, the source’s own name',
    '--effective DAY      from which day the prices hold, where the source does not say',
    '--holidays NAME      which calendar lists public holidays, such as AU-NSW',
  ],
  options: {
    from: { type: 'string' },
    'dry-run': { type: 'boolean' },
    answers: { type: 'string' },
    code: { type: 'string' },
    effective: { type: 'string' },
    holidays: { type: 'string' },
  },
  run: async input => {
    const [file, ...more] = input.operands;
    if (!file || more.length > 0) throw new UsageProblem('name one file');
    const imported = read(file, input);
    if (!imported) return exitCodes.rejected;
    for (const { pointer, message } of imported.notes) input.tell(`  ${pointer || '/'}: ${message}`);
    for (const { id, question, chosen, choices } of imported.questions)
      input.tell(`? ${id}=${chosen} (of ${choices.join(', ')}): ${question}`);
    if (input.options['dry-run']) {
      input.print(JSON.stringify(imported.document, null, 2));
      return exitCodes.ok;
    }
    const body = Buffer.from(JSON.stringify(imported.document));
    const { planCode, version } = saved.parse(
      await operate(readConfig(input.environment), 'add-plan', {}, () => Readable.from([body])),
    );
    input.print(`✓ ${planCode}, version ${version}`);
    return exitCodes.ok;
  },
};

/** undefined when the plan was refused: each place is told. */
function read(file: string, input: CommandInput): PlanImport | undefined {
  const from = textOption(input, 'from');
  const source = planSources.find(each => each === from);
  if (from !== undefined && source === undefined) throw new UsageProblem(`--from is one of ${planSources.join(', ')}`);
  const effectiveFrom = textOption(input, 'effective');
  if (effectiveFrom !== undefined && !parseDay(effectiveFrom))
    throw new UsageProblem('write the day as in --effective 2026-07-01');
  try {
    return importPlan(parse(file), source, {
      planCode: textOption(input, 'code'),
      effectiveFrom,
      holidayCalendar: textOption(input, 'holidays'),
      answers: answersIn(textOption(input, 'answers')),
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const places = error.fields.length > 0 ? error.fields : [{ pointer: '', message: error.message }];
    for (const { pointer, message } of places) input.tell(`✗ ${pointer || '/'}: ${message}`);
    return undefined;
  }
}

function parse(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageProblem(error instanceof Error ? error.message : String(error));
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageProblem(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** "USE.tierAllowance=EACH,DEM.interval=PT60M" */
function answersIn(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined;
  return Object.fromEntries(
    text.split(',').map(pair => {
      const [id = '', choice] = pair.split('=');
      if (choice === undefined) throw new UsageProblem('write answers as in --answers USE.tierAllowance=EACH');
      return [id.trim(), choice.trim()];
    }),
  );
}
