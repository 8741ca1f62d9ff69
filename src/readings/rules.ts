import type { RefusalCode } from '../kernel/errors.ts';

/** accept: as if nothing were the matter · flag: kept and noted beside · quarantine: put aside for somebody · reject: answered with no. */
export const severities = ['accept', 'flag', 'quarantine', 'reject'] as const;
export type Severity = (typeof severities)[number];

interface Rule {
  says: string;
  /** When nothing is set. */
  severity: Severity;
  /** Those that make sense; a value that is none, or that would make energy wrong, is never kept as a reading. */
  allowed: readonly Severity[];
  code: RefusalCode;
}

const onlyReject: readonly Severity[] = ['reject'];
const aside: readonly Severity[] = ['quarantine', 'reject'];
const noted: readonly Severity[] = ['flag', 'quarantine', 'reject'];
const whichever: readonly Severity[] = severities;

/** What readings are held against, in order of precedence: the first that speaks and does not accept decides. */
export const rules = {
  'meter-point-unknown': {
    says: 'nobody registered the meter point; put aside, its readings are applied by themselves when somebody does',
    severity: 'reject',
    allowed: aside,
    code: 'meter-point-unknown',
  },
  'meter-point-unknown-in-file': {
    says: 'the same in a file, which otherwise registers it',
    severity: 'accept',
    allowed: ['accept', 'quarantine', 'reject'],
    code: 'meter-point-unknown',
  },
  'time-unreadable': { says: 'the time is none', severity: 'reject', allowed: onlyReject, code: 'timestamp-invalid' },
  'not-a-number': {
    says: 'the value is not a decimal number, or more than any meter counts',
    severity: 'reject',
    allowed: onlyReject,
    code: 'value-invalid',
  },
  'negative-energy': {
    says: 'the energy of an interval is below zero',
    severity: 'reject',
    allowed: noted,
    code: 'value-negative',
  },
  'negative-value': {
    says: 'a register shows less than zero',
    severity: 'reject',
    allowed: aside,
    code: 'value-negative',
  },
  'too-precise': {
    says: 'more decimals than 0.000001 kWh; kept, it is rounded half to even',
    severity: 'reject',
    allowed: noted,
    code: 'value-too-precise',
  },
  'series-unknown': {
    says: 'the meter point has no such register or channel, or several and none is named',
    severity: 'reject',
    allowed: aside,
    code: 'series-unknown',
  },
  'off-the-grid': {
    says: 'an interval does not begin where the intervals of its channel do',
    severity: 'reject',
    allowed: aside,
    code: 'reading-off-the-grid',
  },
  'before-1970': { says: 'before 1970', severity: 'reject', allowed: onlyReject, code: 'reading-before-1970' },
  'from-the-future': {
    says: 'more than half an hour later than now, and no forward estimate',
    severity: 'reject',
    allowed: aside,
    code: 'reading-from-the-future',
  },
  'goes-backwards': {
    says: 'a register counts down, and neither a rollover nor an exchange of the meter explains it',
    severity: 'reject',
    allowed: aside,
    code: 'reading-goes-backwards',
  },
  'beyond-exchange': {
    says: 'a register is above what its meter showed last at its exchange, or below what the new one showed first',
    severity: 'reject',
    allowed: aside,
    code: 'reading-beyond-exchange',
  },
  'revised-backwards': {
    says: 'a newer value of a register for an instant that had one: from it, or up to it, the register would count down',
    severity: 'flag',
    allowed: whichever,
    code: 'reading-goes-backwards',
  },
  rollover: {
    says: 'a register whose digits are known begins again at zero',
    severity: 'flag',
    allowed: whichever,
    code: 'reading-rollover',
  },
  exchange: {
    says: 'the first value of a register after the exchange of its meter',
    severity: 'flag',
    allowed: whichever,
    code: 'reading-exchange',
  },
  spike: {
    says: 'more than five times the highest interval of the fourteen days before, and more than 1 kWh',
    severity: 'flag',
    allowed: whichever,
    code: 'reading-spike',
  },
  'spike-in-file': {
    says: 'the same in a file',
    severity: 'accept',
    allowed: whichever,
    code: 'reading-spike',
  },
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;
export type RuleCode = (typeof rules)[RuleName]['code'];

/** What somebody set otherwise than by default. */
export type ReadingRules = ReadonlyMap<RuleName, Severity>;

export const defaultRules: ReadingRules = new Map();

export const ruleNames = Object.keys(rules).filter(isRuleName);

/** As configured, or as the rule has it by itself. */
export function severityOf(name: RuleName, set: ReadingRules = defaultRules): Severity {
  return set.get(name) ?? rules[name].severity;
}

/** Rules that may leave a note at a reading. The order is part of the journal's format: append, never reorder. */
export const flagRules = [
  'negative-energy',
  'too-precise',
  'rollover',
  'exchange',
  'spike',
  'spike-in-file',
  'revised-backwards',
] as const satisfies RuleName[];
export type FlagRule = (typeof flagRules)[number];

/** What "goes-backwards=quarantine,spike=accept" sets; a sentence when it cannot be used. */
export function parseRules(text: string): ReadingRules | string {
  const set = new Map<RuleName, Severity>();
  for (const part of text.split(',').map(each => each.trim())) {
    if (part === '') continue;
    const [name = '', wanted = '', ...rest] = part.split('=').map(each => each.trim());
    if (rest.length > 0 || wanted === '') return `"${part}" is not RULE=SEVERITY`;
    if (!isRuleName(name)) return `there is no rule ${name}, only ${ruleNames.join(', ')}`;
    if (set.has(name)) return `${name} is set twice`;
    const allowed: readonly Severity[] = rules[name].allowed;
    const severity = allowed.find(each => each === wanted);
    if (!severity) return `${name} can be ${allowed.join(' or ')}, not ${wanted}`;
    set.set(name, severity);
  }
  return set;
}

/**
 * When somebody looked at what was put aside and wants it in: what was to be looked at is kept and noted, where such a reading can be
 * kept at all.
 */
export function rulesForApplying(set: ReadingRules): ReadingRules {
  const applying = new Map(set);
  for (const [name, severity] of set) {
    const allowed: readonly Severity[] = rules[name].allowed;
    if (severity === 'quarantine') applying.set(name, allowed.includes('flag') ? 'flag' : 'reject');
  }
  return applying;
}

/** Whether a text names one of the rules. */
export function isRuleName(name: string): name is RuleName {
  return Object.hasOwn(rules, name);
}
