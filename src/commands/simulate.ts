import { createApiKey, revokeApiKey } from '../access/create-api-key.ts';
import { readConfig, type SettledConfig } from '../config.ts';
import { type SimulationCounts, SimulationRefused, simulate } from '../demo/simulate.ts';
import { systemClock } from '../kernel/clock.ts';
import { addDays, dayOf, instantOfMs, parseDay } from '../units/time.ts';
import { type Command, type CommandInput, type ExitCode, exitCodes, textOption, UsageProblem } from './command.ts';
import { settleConfig, withAccess } from './with-home.ts';

const metersMax = 1_000_000;
const tellEveryMs = 1000;

export const simulateCommand: Command = {
  name: 'simulate',
  operands: '',
  summary: 'Invented homes 531-XXX-XXX that post their half-hourly registers to a running server, for whole days.',
  optionHelp: [
    '--meters N         how many homes (100)',
    '--rate R           readings a second at most (1000)',
    '--days D           how many days (1)',
    '--from YYYY-MM-DD  the first day; without it the last one is yesterday',
    '--solar PERCENT    how many of them have panels and a second register, to grid (20)',
    '--url URL          the server (as HOST and PORT say)',
    '--key KEY          an API key with readings:write and accounts:write; one is made for the run when absent',
    '--json             the counts',
    '',
    'The same homes and days give the same values, so that a second run meets duplicates only. Beside a real home in Sydney over a',
    'year (Ausgrid customer 12): average weekday r = 0.93, weekend r = 0.95, sun r = 0.99; half-hours vary by 54 % of their mean',
    '(theirs 52 %), days of sun by 44 % (theirs 42 %). Absences, long heat waves and what a neighbourhood does together are not in it.',
  ],
  options: {
    meters: { type: 'string' },
    rate: { type: 'string' },
    days: { type: 'string' },
    from: { type: 'string' },
    solar: { type: 'string' },
    url: { type: 'string' },
    key: { type: 'string' },
    json: { type: 'boolean' },
  },
  run: async input => {
    const config = settleConfig(readConfig(input.environment));
    const plan = planOf(config, input);
    const given = textOption(input, 'key');
    if (given) return run({ ...plan, key: given }, input);
    const made = await withAccess(config, access =>
      createApiKey(access, { name: 'simulate', scopes: ['readings:write', 'accounts:write'], by: 'cli' }),
    );
    try {
      return await run({ ...plan, key: made.secret }, input);
    } finally {
      await withAccess(config, access => revokeApiKey(access, { id: made.key.id, by: 'cli' }));
    }
  },
};

function planOf(config: SettledConfig, input: CommandInput) {
  const days = wholeNumber(input, 'days', 1, 3660);
  const from = textOption(input, 'from');
  const firstDay =
    from === undefined ? addDays(dayOf(instantOfMs(systemClock.now()), config.zone), -days) : parseDay(from);
  if (!firstDay || firstDay < '2024-01-01')
    throw new UsageProblem('write the first day as in --from 2026-11-21; it is not before 2024');
  return {
    url: (textOption(input, 'url') ?? `http://${config.host}:${config.port}`).replace(/\/$/, ''),
    meters: wholeNumber(input, 'meters', 100, metersMax),
    rate: wholeNumber(input, 'rate', 1000, 10_000_000),
    solarPercent: wholeNumber(input, 'solar', 20, 100, 0),
    firstDay,
    days,
    zone: config.zone,
  };
}

async function run(plan: ReturnType<typeof planOf> & { key: string }, input: CommandInput): Promise<ExitCode> {
  const begunAt = performance.now();
  let toldAt = begunAt;
  const progress = (done: number, total: number) => {
    const now = performance.now();
    if (!input.interactive || now - toldAt < tellEveryMs) return;
    toldAt = now;
    const rate = Math.round((done / (now - begunAt)) * 1000);
    input.tell(
      `${String(Math.floor((done / total) * 100)).padStart(3)} %  ${done} of ${total} readings, ${rate} a second`,
    );
  };
  try {
    const counts = await simulate({ ...plan, progress });
    if (input.options.json) input.print(JSON.stringify(counts));
    else {
      input.print(sentence(counts, (performance.now() - begunAt) / 1000));
      if (counts.why !== undefined) input.print(`  the first that did not enter: ${counts.why}`);
    }
    return counts.rejected + counts.conflict > 0 ? exitCodes.rejected : exitCodes.ok;
  } catch (error) {
    if (error instanceof SimulationRefused) input.tell(`wattledger simulate: ${error.message}`);
    else if (error instanceof TypeError && error.cause)
      input.tell(`wattledger simulate: no server answers at ${plan.url}`);
    else throw error;
    return exitCodes.rejected;
  }
}

function sentence({ accepted, duplicate, conflict, rejected }: SimulationCounts, seconds: number): string {
  return `${accepted} accepted, ${duplicate} duplicate, ${conflict} conflicting, ${rejected} rejected in ${seconds.toFixed(1)} s`;
}

function wholeNumber(input: CommandInput, name: string, fallback: number, max: number, min = 1): number {
  const text = textOption(input, name);
  if (text === undefined) return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageProblem(`--${name} takes a whole number from ${min} to ${max}`);
}
