import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { billCaseSchema } from '../../src/billing/bill-case.ts';
import { type CaseVerdict, verifyBills } from '../../src/billing/verify-bills.ts';
import { commands } from '../../src/commands/index.ts';

const folder = join(import.meta.dirname, '../bill-cases');
const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
const seriesFolder = join(folder, readFileSync(join(folder, 'series.path'), 'utf8').trim());
const haveSeries = existsSync(seriesFolder);
if (!haveSeries)
  console.warn(`SKIPPED: no series of a year in ${seriesFolder}; the bill cases that need one are not run`);

const verdicts = verifyBills(folder, []);

describe('bills with known answers', () => {
  it.for(verdicts)('$case', (verdict, { skip }) => {
    skip(!haveSeries && verdict.why.includes('is in none of the folders of series'), 'its series is not here');
    expect(verdict.why).toBe('');
    expect(verdict.verdict).toBe('green');
  });

  it('are described field by field beside them', () => {
    const text = readFileSync(join(import.meta.dirname, '../bill-cases/README.md'), 'utf8');
    const named = new Set(fieldsOf(z.toJSONSchema(billCaseSchema, { io: 'input', unrepresentable: 'any' })));
    expect(named.size).toBeGreaterThan(60);
    expect([...named].filter(name => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  });

  it.skipIf(!haveSeries)('stand in the table of README.md as they are', () => {
    expect(tableIn(readme)).toEqual(verdicts.map(row));
  });
});

/** The names under every "properties" of a JSON Schema. */
function fieldsOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => [
    ...(key === 'properties' ? Object.keys(value) : []),
    ...fieldsOf(value),
  ]);
}

/** A case as a row of the README: name, what it is about, verdict. */
function row({ case: name, verdict }: CaseVerdict): string {
  const { title } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
  return `| ${name} | ${title} | ${verdict} |`;
}

function tableIn(text: string): string[] {
  return text.split('\n').filter(line => /^\| (B\d|own-)/.test(line));
}

describe('verifying', () => {
  const simple = {
    title: 'A flat plan',
    source: 'By hand: 100 × 0.25 = 25.00, GST 2.50',
    site: { zone: 'Australia/Sydney' },
    plans: [
      {
        planCode: 'P',
        displayName: 'Flat',
        currency: 'AUD',
        taxBasis: 'EXCLUSIVE',
        taxes: { GST: { name: 'GST', percent: '10' } },
        effectiveFrom: '2025-01-01',
        components: [
          { kind: 'energy', code: 'USE', register: 'IMPORT', rates: [{ code: 'ALL', unitPrice: '0.25' }], tax: 'GST' },
        ],
      },
    ],
    period: { from: '2025-07-01', to: '2025-08-01' },
    registers: { IMPORT: { layers: [{ total: '100' }] } },
    expected: { lines: [{ code: 'USE', quantity: '100', amount: '25.00' }], total: '27.50' },
  };

  function verdictOf(changes: object, files: Record<string, string> = {}): CaseVerdict {
    const home = mkdtempSync(join(tmpdir(), 'bill-cases-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    writeFileSync(join(home, 'it.json'), JSON.stringify({ ...simple, ...changes }));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text);
    return verifyBills(home, [])[0]!;
  }

  const expecting = (expected: object) => verdictOf({ expected }).why;

  it('is green to the cent and red one cent away', () => {
    expect(verdictOf({})).toMatchObject({ case: 'it', verdict: 'green', why: '', ours: { total: '27.50' } });
    expect(expecting({ total: '27.51' })).toBe('total is 27.50, not 27.51');
    expect(expecting({ total: '27.51', tolerance: { amount: '0.01' } })).toBe('');
    expect(expecting({ total: '27.52', tolerance: { amount: '0.01' } })).toContain('not 27.52');
  });

  it.each([
    [{ lines: [{ code: 'USE', quantity: '100.000001' }] }, 'USE: quantity is 100, not 100.000001'],
    [{ lines: [{ code: 'USE', amount: '25.01' }] }, 'USE: amount is 25, not 25.01'],
    [{ lines: [{ code: 'USE', unitPrice: '0.26' }] }, 'USE: unitPrice is 0.25, not 0.26'],
    [{ lines: [{ code: 'USE', unitPrice: '0.250' }] }, ''],
    [{ lines: [{ code: 'USE', unit: 'kW' }] }, 'USE: unit is kWh, not kW'],
    [{ lines: [{ code: 'USE', count: 2 }] }, 'there are 1 lines USE, not 2'],
    [
      { lines: [{ code: 'US' }] },
      'there are 0 lines US, not 1; line USE.ALL from 2025-07-01 over 25.00 is not expected',
    ],
    [{ lines: [{ code: 'USE', from: '2025-07-02' }] }, 'there are 0 lines USE from 2025-07-02, not 1'],
    [{ lines: [] }, 'line USE.ALL from 2025-07-01 over 25.00 is not expected'],
    [{ lines: [], otherLines: true }, ''],
    [{ taxes: [{ code: 'GST', taxable: '24.00', amount: '2.50' }] }, 'the sum taxed with GST is 25.00, not 24.00'],
    [{ taxes: [{ code: 'VAT', amount: '2.50' }] }, 'tax VAT is 0, not 2.50'],
    [{ chargesExTax: '25.01' }, 'chargesExTax is 25.00, not 25.01'],
    [{ tax: '2.49' }, 'tax is 2.50, not 2.49'],
    [{ totalDue: '0.00' }, 'totalDue is 27.50, not 0.00'],
    [{ days: 30 }, 'there are 31 days, not 30'],
    [{ refused: { code: 'intervals-missing' } }, 'a bill of 27.50, not the refusal intervals-missing'],
  ])('of %j the difference is told: %s', (expected, why) => {
    expect(expecting(expected)).toContain(why);
    if (why === '') expect(expecting(expected)).toBe('');
  });

  it('names every field of a plan that nobody can bill', () => {
    const [plan] = simple.plans;
    const components = [...plan!.components, { kind: 'moonlight', code: 'M' }];
    const { verdict, why, ours } = verdictOf({ plans: [{ ...plan, components, rebate: '1' }] });
    expect(verdict).toBe('red');
    expect(why).toMatch(/"rebate" is not a field this version of wattledger can bill/);
    expect(ours).toMatchObject({ refused: { code: 'plan-invalid' } });
    expect(verdictOf({ plans: [{ ...plan, components }] }).why).toContain('no component kind "moonlight"');
  });

  it.each([
    ['a field nobody reads', { jurisdiction: 'AU' }, 'a bill case has no field "jurisdiction"'],
    ['two ways to say the period', { periods: [simple.period] }, 'give either period or periods'],
    ['a case that proves nothing', { expected: { otherLines: true } }, 'expects nothing'],
    ['a layer with two amounts', { registers: { IMPORT: { layers: [{ each: '1', kw: '1' }] } } }, 'exactly one of'],
    [
      'a layer beside the series',
      { registers: { IMPORT: { layers: [{ from: '2026-01-01', each: '1' }] } } },
      'no slot',
    ],
    ['too few values', { registers: { IMPORT: { layers: [{ values: ['1'] }] } } }, '1 values for 1488 slots'],
    ['a plan that is not there', { supplies: [{ plan: 'Q', from: '2025-01-01' }] }, 'no plan Q'],
    ['a series file that is not there', { registers: { IMPORT: { layers: [{ file: 'gone.csv' }] } } }, 'gone.csv'],
    ['a way out of the folders', { registers: { IMPORT: { layers: [{ file: '../it.json' }] } } }, 'no column kwh'],
  ])('refuses %s', (_, changes, why) => {
    const verdict = verdictOf(changes);
    expect(verdict.verdict).toBe('red');
    expect(verdict.why).toContain(why);
  });

  it('reads a series file beside the case: exponents, more decimals than a meter has, kW, rows longer than slots', () => {
    const rows = Array.from({ length: 744 }, (_, hour) => `${hour},${hour === 0 ? '2.0000004e0' : '0.1'}`);
    const file = `step,kw\n${rows.join('\n')}\n`;
    const layers = [{ file: 'load.csv', column: 'kw', unit: 'kW', rowMinutes: 60 }];
    const expected = { lines: [{ code: 'USE', quantity: '76.3' }] };
    expect(verdictOf({ registers: { IMPORT: { layers } }, expected }, { 'load.csv': file }).why).toBe('');
  });

  it('tells a file that is no case from one that is red', () => {
    const home = mkdtempSync(join(tmpdir(), 'bill-cases-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    writeFileSync(join(home, 'broken.json'), '{');
    expect(verifyBills(home, [])).toMatchObject([{ case: 'broken', verdict: 'red', ours: null }]);
    expect(verifyBills(home, [])[0]!.why).toContain('not a JSON file');
  });
});

describe('bills verify', () => {
  const command = commands.find(({ name }) => name === 'bills verify')!;

  async function run(cases: Record<string, object>, json = false) {
    const home = mkdtempSync(join(tmpdir(), 'bill-cases-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    for (const [name, text] of Object.entries(cases)) writeFileSync(join(home, name), JSON.stringify(text));
    const lines: string[] = [];
    const print = (line: string) => void lines.push(line);
    const input = { operands: [home], options: { json }, environment: {}, print, tell: print, interactive: false };
    return { code: await command.run(input), lines };
  }

  const good = JSON.parse(readFileSync(join(folder, 'B01-flat-feed-in-supply.json'), 'utf8'));
  const bad = { ...good, expected: { ...good.expected, total: '1.00' } };

  it('prints case, expected, ours and verdict, and ends with 1 when any is red', async () => {
    const { code, lines } = await run({ 'a.json': good, 'b.json': bad });
    expect(code).toBe(1);
    expect(lines).toEqual([
      '✓ a: green',
      expect.stringMatching(/expected .*USE 129\.04.*total 161\.87/),
      expect.stringMatching(/ours .*USE\.ALL 129\.04.*total 161\.87/),
      '✗ b: red',
      expect.stringMatching(/expected .*total 1\.00/),
      expect.stringMatching(/ours .*total 161\.87/),
      '    why       total is 161.87, not 1.00',
      '1 green, 1 red.',
    ]);
  });

  it('answers as JSON, and ends with 0 when all are green', async () => {
    const { code, lines } = await run({ 'a.json': good }, true);
    expect(code).toBe(0);
    const [verdict] = JSON.parse(lines.join(''));
    expect(Object.keys(verdict)).toEqual(['case', 'verdict', 'expected', 'ours', 'why']);
    expect(verdict).toMatchObject({ case: 'a', verdict: 'green', why: '', ours: { total: '161.87' } });
  });

  it('an empty folder is a wrong call, not a success', async () => {
    await expect(run({})).rejects.toThrow('has no case');
  });
});

it('every fixture has its source and nothing beside it', () => {
  const known = /\.json$|^README\.md$|^series\.path$/;
  expect(readdirSync(folder).filter(name => !known.test(name))).toEqual([]);
});
