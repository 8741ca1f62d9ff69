import type { Cents } from '../units/money.ts';
import type { Day } from '../units/time.ts';
import type { Charge, Days, Measured, TaxBasis } from './component.ts';
import type { EstimatedRegister } from './estimate-missing.ts';
import type { PriceChange } from './price-override.ts';
import type { TaxTotal } from './taxes.ts';

/** A line of a bill, rounded: below zero it takes off. */
export interface ChargeLine extends Omit<Charge, 'measured'> {
  /** The component's kind, or that of the rule about the whole bill: minimum, discount, concession. */
  kind: string;
  amount: Cents;
  taxBasis: TaxBasis;
  /** This line's own tax, where the plan takes tax by line. */
  tax?: Cents;
  /** Some of the intervals behind it were not metered. */
  estimated: boolean;
  trace: LineTrace;
}

/** Why a line says what it says; its sum in words is amount.ts's arithmeticOf. */
export interface LineTrace {
  planCode: string;
  planVersion: number;
  planVersionId: number;
  planSha256: string;
  /** What the customer's contract changed in the plan's prices. */
  override?: PriceChange[];
  /** The local days, half-open, on which one plan version is in force; the line's own for a rule about the whole bill. */
  segment: Days;
  dataRevision?: string;
  measured: Measured | undefined;
}

/** What a period comes to. */
export interface RatedBill {
  from: Day;
  /** The last day, inclusive. */
  to: Day;
  days: number;
  currency: string;
  /** The plan's; a component may differ, see each line. */
  taxBasis: TaxBasis;
  lines: ChargeLine[];
  taxes: TaxTotal[];
  chargesExTax: Cents;
  tax: Cents;
  /** The lines' sum and the tax that is not inside them: what the paper adds up to, payable rounding included. */
  total: Cents;
  /** The payable rounding inside the total. */
  rounding: Cents;
  /** Discounts that are not earned yet, each with the total that would then be due. */
  conditional: ConditionalDiscount[];
  /** The registers of which intervals were estimated, and how. */
  estimates: EstimatedRegister[];
}

/** What comes off if the customer does something yet, such as paying in time. */
export interface ConditionalDiscount {
  code: string;
  description: string;
  /** What it takes off the total, tax included: below zero. */
  amount: Cents;
  /** The total if it is earned, before payable rounding. */
  total: Cents;
  /** What would come off, line by line, so that several bills can be added up. */
  lines: ChargeLine[];
}
