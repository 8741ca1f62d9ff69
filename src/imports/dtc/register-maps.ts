import { startOfDay } from '../../units/time.ts';
import type { RegisterMapping } from '../format.ts';
import type { Interpreter, Item, Lent } from './flow-table.ts';
import type { Group } from './group.ts';

/** Where a flow of technical details says what a register's readings mean. */
export interface MapCodes {
  meterPoint: string;
  /** Groups of the settlement configuration and, where the flow has it, of the time pattern. */
  configuration: string;
  timePatterns: readonly string[];
  meter: string;
  register: string;
}

export function interpretMaps(codes: MapCodes): (lent: Lent) => Interpreter {
  return lent => new MapInterpreter(codes, lent);
}

/** Items by the names under which the interpreter asks for them. */
export const mapItems = {
  from: day('effective from date'),
  configurationFrom: day('configuration from date'),
  configuration: text('standard settlement configuration', 4),
  timePattern: text('time pattern regime', 5),
  registerType: code('J0474', 'register type', ['C', 'M', '1', '2', '3', '4']),
  quantity: code('J0103', 'measurement quantity', ['AI', 'AE', 'RI', 'RE', 'UN']),
  multiplier: number('J0475', 'register multiplier', 9, 2),
  digits: number('J0478', 'number of register digits', 1, 0),
  coefficient: { ...number('mapping coefficient', 'mapping coefficient', 3, 2, true), optional: true },
} satisfies Record<string, Item>;

function day(name: string): Item {
  return { name, title: name, type: { kind: 'day' }, rule: 'D10-17' };
}

function text(name: string, max: number): Item {
  return { name, title: name, type: { kind: 'text', max }, rule: 'D10-17' };
}

function code(name: string, title: string, of: string[]): Item {
  return { name, title, type: { kind: 'code', of, otherwise: 'rejected' }, rule: 'D10-17' };
}

function number(name: string, title: string, digits: number, decimals: number, signed?: true): Item {
  const type = { kind: 'number', digits, decimals, decimalsMax: 6, ...(signed && { signed }) } as const;
  return { name, title, type, rule: 'D10-17' };
}

const one = 1_000_000;

class MapInterpreter implements Interpreter {
  readonly #codes: MapCodes;
  readonly #lent: Lent;
  #meterPoint: Group | undefined;
  #configuration: Group | undefined;
  #timePattern: Group | undefined;
  #meter: Group | undefined;
  #mapping: RegisterMapping | undefined;

  constructor(codes: MapCodes, lent: Lent) {
    this.#codes = codes;
    this.#lent = lent;
  }

  open(group: Group): boolean {
    const { meterPoint, configuration, timePatterns, meter, register } = this.#codes;
    if (group.code === meterPoint) {
      this.#meterPoint = group;
      this.#configuration = undefined;
    } else if (group.code === configuration) this.#configuration = group;
    else if (timePatterns.includes(group.code)) this.#timePattern = group;
    else if (group.code === meter) this.#meter = group;
    else if (group.code === register) return this.#openRegister(group);
    return true;
  }

  close(code: string): number {
    if (this.#codes.timePatterns.includes(code)) this.#timePattern = undefined;
    if (code !== this.#codes.register || !this.#mapping) return 0;
    this.#emit(this.#mapping);
    this.#mapping = undefined;
    return 1;
  }

  /** Who reads the file need not be able to keep what it tells, and then says so. */
  #emit(mapping: RegisterMapping): void {
    const { sink, findings } = this.#lent;
    if (sink.registerMapping) sink.registerMapping(mapping);
    else {
      const says =
        'what this file tells of registers is not kept by this import; PUT /v1/meter-points/ID/register-map keeps it (said once per file)';
      findings.addOnce('mapping', mapping.line, { rule: 'D10-17', severity: 'warning', says, action: 'ignored' });
    }
  }

  #openRegister(group: Group): boolean {
    const [multiplier, digits] = [group.micro('J0475'), group.micro('J0478')];
    if (multiplier === 0 || digits === 0) {
      const name = multiplier === 0 ? 'J0475' : 'J0478';
      const what = multiplier === 0 ? 'multiplier' : 'number of digits';
      const place = { rule: 'D10-17', column: group.columnOf(name), field: name, raw: group.sent(name) };
      const says = `a register with a ${what} of zero counts nothing`;
      this.#lent.findings.add(group.line, { ...place, severity: 'error', says, action: 'rejected' });
      return false;
    }
    this.#warnOfCoefficient(group);
    const meterSerial = this.#meter!.text('J0004');
    const type = group.text('J0474');
    const from = this.#fromDay();
    this.#mapping = {
      meterPoint: this.#meterPoint!.text('J0003'),
      meterSerial,
      registerId: group.text('J0010'),
      from,
      fromAt: startOfDay(from, this.#lent.zone),
      ...(multiplier !== undefined && { multiplierMicro: multiplier }),
      ...(digits !== undefined && { digits: digits / one }),
      ...(type !== '' && { kind: kindOf(type) }),
      quantity: group.text('J0103'),
      configuration: this.#configuration?.text('standard settlement configuration') ?? '',
      timePattern: this.#timePattern?.text('time pattern regime') ?? '',
      versionAt: this.#lent.header().createdAt,
      line: group.line,
    };
    return true;
  }

  /** Where the register's pattern depends on the configuration, the day that is in force; else that of the whole. */
  #fromDay(): RegisterMapping['from'] {
    const ofPattern = this.#timePattern && this.#configuration?.day('configuration from date');
    return ofPattern ?? this.#meterPoint!.day('effective from date')!;
  }

  #warnOfCoefficient(group: Group): void {
    const coefficient = group.micro('mapping coefficient');
    if (coefficient === undefined || coefficient === one) return;
    const sent = group.sent('mapping coefficient');
    const says = `a mapping coefficient of ${sent} says that the register is part of a sum; it is counted for itself`;
    const place = { rule: 'D10-17', column: group.columnOf('mapping coefficient'), raw: sent };
    this.#lent.findings.add(group.line, { ...place, severity: 'warning', says, action: 'ignored' });
  }
}

function kindOf(type: string): NonNullable<RegisterMapping['kind']> {
  if (type === 'C') return 'cumulative';
  return type === 'M' ? 'maximum-demand' : 'other';
}
