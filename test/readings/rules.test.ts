import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { flagRules, parseRules, ruleNames, rules, severityOf } from '../../src/readings/rules.ts';
import { type TestHouse, testHouse } from '../open-house.ts';

const registered = {
  'm-1': [{ kind: 'register', code: '1', flow: 'from-grid' }],
  'c-1': [{ kind: 'channel', code: 'E1', flow: 'from-grid', intervalMinutes: 30 }],
};

async function openWith(setting: string): Promise<TestHouse> {
  const test = await testHouse({ environment: { READING_RULES: setting } });
  for (const [identifier, series] of Object.entries(registered)) {
    const answer = await call(test, 'POST', '/v1/meter-points', { identifier, series });
    expect(answer.status).toBe(201);
  }
  return test;
}

async function call(test: TestHouse, method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) {
  const headers = { authorization: test.authorization() };
  const answer = await test.app.inject({ method, url, headers, ...(payload && { payload }) });
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
}

const interval = (start: string, energy: unknown, meterPoint = 'c-1') => ({ meterPoint, start, energy });
const value = (at: string, shows: unknown, meterPoint = 'm-1') => ({ meterPoint, at, value: shows });

/** Four days of half-hours of a kWh at most. */
const fourDays = Array.from({ length: 4 * 48 }, (_, slot) =>
  interval(new Date(Date.parse('2026-11-17T00:00:00Z') + slot * 1_800_000).toISOString(), '0.9'),
);

/** What has to be known first, and the reading against which the rule speaks. */
const cases: Record<string, { before?: object[]; digits?: number; exchange?: boolean; sent: object }> = {
  'meter-point-unknown': { sent: value('2026-11-21T10:00:00Z', '5', 'nobody') },
  'time-unreadable': { sent: value('yesterday', '5') },
  'not-a-number': { sent: value('2026-11-21T10:00:00Z', '5,6') },
  'negative-energy': { sent: interval('2026-11-21T10:00:00Z', '-0.5') },
  'negative-value': { sent: value('2026-11-21T10:00:00Z', '-5') },
  'too-precise': { sent: interval('2026-11-21T10:00:00Z', '0.1234567') },
  'series-unknown': { sent: { ...value('2026-11-21T10:00:00Z', '5'), register: 'typo' } },
  'off-the-grid': { sent: interval('2026-11-21T10:05:00Z', '0.5') },
  'before-1970': { sent: value('1969-12-31T23:30:00Z', '5') },
  'from-the-future': { sent: value('2026-11-22T10:00:00Z', '5') },
  'goes-backwards': { before: [value('2026-11-21T09:00:00Z', '10')], sent: value('2026-11-21T10:00:00Z', '9') },
  'beyond-exchange': { exchange: true, sent: value('2026-11-21T08:30:00Z', '996.1') },
  'revised-backwards': {
    before: [
      value('2026-11-21T08:00:00Z', '5'),
      { ...value('2026-11-21T09:00:00Z', '8'), quality: 'estimated' },
      value('2026-11-21T10:00:00Z', '9'),
    ],
    sent: value('2026-11-21T09:00:00Z', '10'),
  },
  rollover: {
    digits: 3,
    before: [value('2026-11-21T09:00:00Z', '995')],
    sent: value('2026-11-21T10:00:00Z', '4'),
  },
  exchange: {
    exchange: true,
    before: [value('2026-11-21T08:00:00Z', '995')],
    sent: value('2026-11-21T10:00:00Z', '4'),
  },
  spike: { before: fourDays, sent: interval('2026-11-21T10:00:00Z', '4.6') },
};

const posted = ruleNames.filter(name => !name.endsWith('-in-file'));
const table = posted.flatMap(name => rules[name].allowed.map(severity => [name, severity] as const));

async function prepare(setting: string, name: string): Promise<TestHouse> {
  const test = await openWith(setting);
  const { before, digits, exchange } = cases[name]!;
  if (before)
    expect((await call(test, 'POST', '/v1/readings', before)).body).toMatchObject({ accepted: before.length });
  if (digits !== undefined) {
    const told = await call(test, 'PUT', '/v1/meter-points/m-1/register-map', {
      register: '1',
      from: '2026-11-01',
      digits,
    });
    expect(told.status).toBeLessThan(300);
  }
  if (exchange) {
    const told = await call(test, 'POST', '/v1/meter-points/m-1/exchanges', {
      register: '1',
      at: '2026-11-21T09:00:00Z',
      finalValue: '996',
      firstValue: '3',
    });
    expect(told.status).toBeLessThan(300);
  }
  return test;
}

describe('a rule and its severity', () => {
  it.each(table)('%s, set to %s, decides about a posted reading', async (name, severity) => {
    const test = await prepare(`${name}=${severity}`, name);
    const { sent } = cases[name]!;
    const rehearsed = await call(test, 'POST', '/v1/readings?dry_run=true', [sent]);
    const { body } = await call(test, 'POST', '/v1/readings', [sent]);
    expect(rehearsed.body).toEqual(body);
    const verdict = { accept: 'accepted', flag: 'accepted', quarantine: 'quarantined', reject: 'rejected' }[severity];
    const none = { accepted: 0, duplicate: 0, conflict: 0, quarantined: 0, rejected: 0 };
    expect(body).toMatchObject({ ...none, [verdict]: 1 });
    if (verdict !== 'accepted') expect(body.items).toMatchObject([{ index: 0, verdict, code: rules[name].code }]);
    // What is kept with a note is not plainly accepted; its sender hears of it.
    else if (severity === 'accept') expect(body.items).toEqual([]);
    else
      expect(body.items).toEqual([
        {
          ...{ index: 0, verdict, flags: [name], code: rules[name].code },
          ...{ pointer: 'energy' in sent ? '/energy' : '/value', message: rules[name].says },
        },
      ]);

    const flags = (await call(test, 'GET', '/v1/readings/flags')).body.data;
    expect(flags.map((flag: { rule: string }) => flag.rule)).toEqual(severity === 'flag' ? [name] : []);
    const { total } = (await call(test, 'GET', '/v1/quarantine')).body;
    expect(total).toBe(severity === 'quarantine' ? 1 : 0);

    const single = await call(test, 'POST', '/v1/readings', sent);
    if (verdict === 'accepted') expect(single).toEqual({ status: 200, body: { verdict: 'duplicate' } });
    if (verdict === 'quarantined')
      expect(single).toMatchObject({ status: 202, body: { verdict, code: rules[name].code } });
    if (verdict === 'rejected') expect(single.status).toBeGreaterThanOrEqual(400);
    // Sent twice, it waits once.
    expect((await call(test, 'GET', '/v1/quarantine')).body.total).toBe(total);
  });

  it('is told to a meter that sent the reading alone, and counts as accepted in one that is all or nothing', async () => {
    const flagged = { verdict: 'accepted', flags: ['spike'] };
    const alone = await prepare('', 'spike');
    expect((await call(alone, 'POST', '/v1/readings', cases.spike!.sent)).body).toEqual(flagged);
    const together = await prepare('', 'spike');
    const { body } = await call(together, 'POST', '/v1/readings?atomic=true', [cases.spike!.sent]);
    expect(body).toMatchObject({ accepted: 1, rejected: 0, items: [flagged] });
  });

  it('is shown at the reading, and gone when another value stands there', async () => {
    const test = await prepare('', 'spike');
    await call(test, 'POST', '/v1/readings', cases.spike!.sent);
    const url = '/v1/meter-points/c-1/readings?from=2026-11-21T10:00:00Z';
    expect((await call(test, 'GET', url)).body.data).toMatchObject([{ energy: '4.6', flags: ['spike'] }]);
    expect((await test.app.inject('/metrics')).body).toContain('wattledger_reading_flags{rule="spike"} 1');
  });
});

describe('READING_RULES', () => {
  it.each([
    ['spike=explode', 'spike can be accept or flag or quarantine or reject, not explode'],
    ['not-a-number=flag', 'not-a-number can be reject, not flag'],
    ['goes-backwards=flag', 'goes-backwards can be quarantine or reject, not flag'],
    ['spikes=flag', 'there is no rule spikes, only meter-point-unknown,'],
    ['spike', '"spike" is not RULE=SEVERITY'],
    ['spike=flag,spike=accept', 'spike is set twice'],
  ])('%s cannot be used, and it is said why', (setting, why) => {
    expect(() => readConfig({ READING_RULES: setting })).toThrow(why);
  });

  it('takes blanks and a comma at the end, and leaves the others as they are', () => {
    const set = parseRules(' spike = reject , goes-backwards=quarantine, ');
    if (typeof set === 'string') return expect.fail(set);
    expect(severityOf('spike', set)).toBe('reject');
    expect(severityOf('goes-backwards', set)).toBe('quarantine');
    expect(severityOf('rollover', set)).toBe('flag');
  });

  it('has every rule in the manual, as it is', () => {
    const manual = readFileSync(new URL('../../src/readings/README.md', import.meta.url), 'utf8');
    for (const name of ruleNames) {
      const { says, severity, allowed } = rules[name];
      expect(manual).toContain(`| \`${name}\` | ${says} | ${severity} | ${allowed.join(', ')} |`);
      expect(allowed).toContain(severity);
    }
    expect(flagRules.every(name => (rules[name].allowed as readonly string[]).includes('flag'))).toBe(true);
  });
});
