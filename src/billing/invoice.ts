/**
 * What an invoice says, whole: the snapshot stored when it is issued and never edited. The PDF, the page, the mail and the API show
 * this and compute nothing. Money and quantities are decimal strings ("439.63", "325.2"); days are local to the supply, inclusive.
 */
export interface InvoiceDocument {
  kind: 'invoice' | 'credit-note';
  number: string;
  currency: string;
  issuedOn: string;
  dueOn: string;
  /** The number of the invoice this one corrects. */
  corrects?: string;
  /** Sentences for the front: a better offer, a concession, a price change, what paying on time would save. */
  notices?: string[];
  /** Discounts beside the bill that are still to be earned; one that was is a line of a later invoice. */
  conditional?: ConditionalOffer[];
  seller: Seller;
  account: {
    number: string;
    name: string;
    businessNumber: string;
    postalAddress: string[];
    email: string;
  };
  supplies: SupplyCharges[];
  taxes: TaxTotal[];
  /** Sum of charge lines before tax. */
  chargesExTax: string;
  tax: string;
  /** chargesExTax + tax: what this invoice alone asks for. */
  currentCharges: string;
  balance: {
    previous: string;
    payments: { paidOn: string; amount: string; description: string }[];
    adjustments: string;
    broughtForward: string;
    totalDue: string;
  };
}

export interface ConditionalOffer {
  code: string;
  /** What earns it: PAY_ON_TIME, DIRECT_DEBIT. */
  category: string;
  description: string;
  /** What it takes off, tax included: below zero. */
  amount: string;
  /** currentCharges if it is earned, before payable rounding. */
  total: string;
}

export interface Seller {
  name: string;
  businessNumber: string;
  address: string[];
  phone: string;
  email: string;
  web: string;
  /** Hex colour of the masthead, "#2f5d50". */
  colour: string;
  /** SVG path data in a 24 × 24 box (no arcs), printed in one colour. */
  logo?: string;
  networkProvider: string;
  faultsPhone: string;
  interpreterPhone: string;
  relayPhone: string;
  ombudsman: string;
  payment: {
    directDebitPhone: string;
    bpayBillerCode: string;
    bpayReference: string;
    bankAccount: string;
    cardUrl: string;
    cardFeeNotice: string;
    lateNotice: string;
  };
}

/** One meter point's part of the invoice. */
export interface SupplyCharges {
  meterPoint: string;
  address: string;
  zone: string;
  from: string;
  /** Last day, inclusive. */
  to: string;
  days: number;
  plan: { code: string; name: string; version: number; effectiveFrom: string };
  lines: InvoiceLine[];
  /** Usage per register or channel, for the meter table. */
  registers: {
    code: string;
    serial: string;
    /** What the market calls the installation: "COMMS4". */
    meterType?: string;
    flow: 'from-grid' | 'to-grid' | 'from-solar';
    startValue: string;
    endValue: string;
    usage: string;
    quality: string;
    /** Nobody read the dial at that end: its value lies on the straight line between the readings around it. */
    startEstimated?: true;
    endEstimated?: true;
    /** What one unit on the dial stands for; left out when it is one. */
    multiplier?: string;
    /** Of the dial; left out when nobody told. */
    digits?: number;
    /** How the usage comes of the values: "(20 − 99990 + 100000) × 40"; left out when it is their difference. */
    arithmetic?: string;
  }[];
  /** kWh per local day for the chart; lastYear is grid and solar together, null where there is no history. */
  daily: { day: string; fromGrid: string; fromSolar: string; toGrid: string; lastYear: string | null }[];
  /** Twelve months up to this bill, oldest first; null where nothing is known. */
  monthly: { month: string; energy: string | null; co2Kg?: string | null }[];
  /** Share of intervals that were not metered, "0" when all were. */
  estimatedPercent: string;
  nextReadOn?: string;
}

export interface InvoiceLine {
  /** The component's code: with `from` the line's identity for corrections. */
  code: string;
  group: 'grid' | 'solar' | 'supply' | 'feed-in' | 'other';
  description: string;
  /** Clock times in words where the price depends on them: "Mon to Fri 07:00 to 17:00". */
  when: string;
  from: string;
  to: string;
  quantity: string;
  unit: 'kWh' | 'day' | 'kW' | 'kVA' | 'month' | 'each';
  unitPrice: string;
  amount: string;
  taxCode: string;
  /** Some of the intervals behind it were not metered. */
  estimated?: boolean;
  /** Of the invoice as a whole, no charge for these days: payable rounding, a discount earned on an earlier invoice. */
  ofInvoice?: boolean;
}

export interface TaxTotal {
  code: string;
  name: string;
  percent: string;
  taxable: string;
  amount: string;
}
