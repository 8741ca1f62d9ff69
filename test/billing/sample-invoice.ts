import type { InvoiceDocument, InvoiceLine, Seller, SupplyCharges } from '../../src/billing/invoice.ts';
import { formatKwh, microKwh } from '../../src/units/energy.ts';
import { addDays, addMonths, type Day, daysBetween, type Month } from '../../src/units/time.ts';

/** Everybody here is invented. The figures are those of a tenant's bill: 251.09 + 98.97 + 49.60 = 399.66, GST 39.97, 439.63. */
export function sampleInvoice(changes: Partial<InvoiceDocument> = {}): InvoiceDocument {
  return {
    kind: 'invoice',
    number: '9038075/01',
    currency: 'AUD',
    issuedOn: '2026-11-06',
    dueOn: '2026-11-20',
    seller: sampleSeller(),
    account: {
      number: '9038075',
      name: 'Kookaburra Books & Tea',
      businessNumber: '00 000 000 027',
      postalAddress: ['PO Box 1234', 'EXAMPLETON SA 5999'],
      email: 'accounts@kookaburra.example',
    },
    supplies: [sampleSupply()],
    taxes: [{ code: 'gst', name: 'GST', percent: '10', taxable: '399.66', amount: '39.97' }],
    chargesExTax: '399.66',
    tax: '39.97',
    currentCharges: '439.63',
    balance: {
      previous: '512.40',
      payments: [{ paidOn: '2026-10-19', amount: '512.40', description: 'BPAY' }],
      adjustments: '0.00',
      broughtForward: '0.00',
      totalDue: '439.63',
    },
    ...changes,
  };
}

export function sampleSeller(changes: Partial<Seller> = {}): Seller {
  return {
    name: 'Wattle Grove Shopping Centre',
    businessNumber: '00 000 000 019',
    address: ['1 Arcade Lane', 'EXAMPLETON SA 5999'],
    phone: '1300 975 707',
    email: 'power@wattlegrove.example',
    web: 'https://wattlegrove.example/power',
    colour: '#70745f',
    logo: 'M13 1 L4 14 L11 14 L9 23 L20 9 L12.5 9 Z',
    networkProvider: 'Southern Example Networks',
    faultsPhone: '1800 975 708',
    interpreterPhone: '1800 975 709',
    relayPhone: '1800 975 710',
    ombudsman: 'Energy Ombudsman of Example State, 1800 975 711, ombudsman.example',
    payment: {
      directDebitPhone: '1300 975 712',
      bpayBillerCode: '999999',
      bpayReference: '9038 0751',
      bankAccount: 'BSB 000-000, account 1234 5678',
      cardUrl: 'https://wattlegrove.example/pay',
      cardFeeNotice: 'Credit and debit card payments incur a 1% fee including GST.',
      lateNotice: 'Please pay by the due date to avoid a late payment fee.',
    },
    ...changes,
  };
}

export function sampleSupply(changes: Partial<SupplyCharges> = {}): SupplyCharges {
  const period = { from: '2026-10-01', to: '2026-10-31', ...changes };
  return {
    meterPoint: '2001999999',
    address: 'Shop 14, 1 Arcade Lane, EXAMPLETON SA 5999',
    zone: 'Australia/Adelaide',
    from: period.from,
    to: period.to,
    days: 31,
    plan: { code: 'tou-shops', name: 'Shops time of use with rooftop solar', version: 3, effectiveFrom: '2026-07-01' },
    lines: sampleLines(period),
    registers: [
      {
        code: 'E1',
        serial: '40917',
        meterType: 'COMMS4',
        flow: 'from-grid',
        startValue: '28304.990',
        endValue: '29178.594',
        usage: '873.604',
        quality: 'actual',
      },
      {
        code: 'B1',
        serial: '40917',
        meterType: 'COMMS4',
        flow: 'from-solar',
        startValue: '',
        endValue: '',
        usage: '395.88',
        quality: 'actual',
      },
    ],
    daily: sampleDays(period),
    monthly: sampleMonths('2026-10' as Month),
    estimatedPercent: '0',
    ...changes,
  };
}

export function sampleLines(period: { from: string; to: string }): InvoiceLine[] {
  const line = (
    code: string,
    group: InvoiceLine['group'],
    description: string,
    when: string,
    quantity: string,
    unitPrice: string,
    amount: string,
  ): InvoiceLine => ({
    code,
    group,
    description,
    when,
    from: period.from,
    to: period.to,
    quantity,
    unit: group === 'supply' ? 'day' : 'kWh',
    unitPrice,
    amount,
    taxCode: 'gst',
  });
  return [
    line('peak', 'grid', 'Peak energy', 'Every day 17:00 to 21:00', '210.5', '0.40', '84.20'),
    line('shoulder', 'grid', 'Shoulder energy', 'Mon to Fri 07:00 to 17:00', '325.2', '0.295', '95.93'),
    line('off-peak', 'grid', 'Off-peak energy', 'All other times', '337.904', '0.21', '70.96'),
    line('solar', 'solar', 'Rooftop solar energy', '', '395.88', '0.25', '98.97'),
    line('supply', 'supply', 'Daily supply charge', '', '31', '1.60', '49.60'),
  ];
}

/** Days that look lived in: less on Sundays, one of them not measured, last year's first days unknown. */
export function sampleDays({ from, to }: { from: string; to: string }): SupplyCharges['daily'] {
  const count = daysBetween(from as Day, to as Day) + 1;
  const days = Array.from({ length: count }, (_, index) => {
    const wave = (index * 7919) % 31;
    const sunday = index % 7 === 3 ? 0.5 : 1;
    return {
      day: addDays(from as Day, index),
      fromGrid: kWh((22 + wave * 0.4) * sunday),
      fromSolar: kWh(8 + ((index * 104_729) % 97) * 0.1),
      toGrid: '0',
      lastYear: index < 4 ? null : kWh((38 + ((index * 6101) % 13)) * sunday),
    };
  });
  return days.filter((_, index) => index !== 17);
}

export function sampleMonths(last: Month): SupplyCharges['monthly'] {
  return Array.from({ length: 12 }, (_, index) => {
    const energy = 1100 + ((index * 3571) % 700);
    const unknown = index === 2;
    return {
      month: addMonths(last, index - 11),
      energy: unknown ? null : `${energy}.25`,
      co2Kg: unknown ? null : `${Math.round(energy * (0.32 - index * 0.008))}`,
    };
  });
}

function kWh(energy: number): string {
  return formatKwh(microKwh(Math.round(energy * 1000) * 1000));
}

/** Money the account holds: the amount due is negative. */
export function inCredit(): InvoiceDocument {
  return sampleInvoice({
    balance: { previous: '-500.00', payments: [], adjustments: '0.00', broughtForward: '-500.00', totalDue: '-60.37' },
  });
}

/** A shop that stood empty: only the daily charge, and that paid in advance. */
export function zeroUsage(): InvoiceDocument {
  const supply = sampleSupply();
  const empty = (day: SupplyCharges['daily'][number]) => ({ ...day, fromGrid: '0', fromSolar: '0', lastYear: '0' });
  return sampleInvoice({
    supplies: [
      {
        ...supply,
        lines: supply.lines.filter(line => line.group === 'supply'),
        registers: supply.registers.map(register => ({ ...register, usage: '0', endValue: register.startValue })),
        daily: supply.daily.map(empty),
        monthly: supply.monthly.map(month => ({ ...month, energy: '0', co2Kg: null })),
      },
    ],
    taxes: [{ code: 'gst', name: 'GST', percent: '10', taxable: '49.60', amount: '4.96' }],
    chargesExTax: '49.60',
    tax: '4.96',
    currentCharges: '54.56',
    balance: { previous: '-54.56', payments: [], adjustments: '0.00', broughtForward: '-54.56', totalDue: '0.00' },
  });
}

export function creditNote(): InvoiceDocument {
  const supply = sampleSupply();
  const negated = (line: InvoiceLine): InvoiceLine => ({
    ...line,
    quantity: `-${line.quantity}`,
    amount: `-${line.amount}`,
  });
  return sampleInvoice({
    kind: 'credit-note',
    number: 'CN-2026-000004',
    corrects: '9038075/01',
    supplies: [{ ...supply, lines: supply.lines.map(negated), daily: [] }],
    taxes: [{ code: 'gst', name: 'GST', percent: '10', taxable: '-399.66', amount: '-39.97' }],
    chargesExTax: '-399.66',
    tax: '-39.97',
    currentCharges: '-439.63',
    balance: { previous: '439.63', payments: [], adjustments: '0.00', broughtForward: '439.63', totalDue: '0.00' },
  });
}

/** Three supplies, one of them with thirty lines, a price change inside the period, solar to the grid, estimates, many payments. */
export function severalSupplies(): InvoiceDocument {
  const first = sampleSupply({ estimatedPercent: '3.2', nextReadOn: '2026-11-30' });
  const many = Array.from({ length: 30 }, (_, index): InvoiceLine => {
    const half = index % 2 ? { from: '2026-10-01', to: '2026-10-14' } : { from: '2026-10-15', to: '2026-10-31' };
    return { ...first.lines[0]!, ...half, code: `step-${index}`, description: `Energy step ${index + 1} of thirty` };
  });
  const feedIn: InvoiceLine = {
    ...first.lines[3]!,
    code: 'feed-in',
    group: 'feed-in',
    description: 'Energy to the grid',
    quantity: '1204.5678',
    unitPrice: '-0.045',
    amount: '-54.21',
    taxCode: 'free',
  };
  const demand: InvoiceLine = {
    ...first.lines[0]!,
    code: 'demand',
    group: 'other',
    description: 'Maximum demand, reached on Tue 13 Oct 2026 at 18:30',
    when: 'Mon to Fri 16:00 to 21:00',
    quantity: '18.4',
    unit: 'kW',
    unitPrice: '9.125',
    amount: '167.90',
  };
  const exporting = first.daily.map((day, index) => ({
    ...day,
    toGrid: `${10 + ((index * 31) % 17)}`,
    lastYear: null,
  }));
  return sampleInvoice({
    notices: [
      'A better offer: on Shops flat rate you would have paid about $210 less over the last year, GST included. Call us to change.',
      'Concession: if you hold a concession card, tell us its number and we take the concession off your next bill.',
    ],
    supplies: [
      first,
      { ...first, meterPoint: '2001999998', address: 'Kiosk 3, 1 Arcade Lane, EXAMPLETON SA 5999', lines: many },
      {
        ...first,
        meterPoint: '2001999997',
        address: 'Cold store, 9 Yard Road, EXAMPLETON SA 5999',
        estimatedPercent: '0',
        lines: [...first.lines, feedIn, demand],
        daily: exporting,
      },
    ],
    taxes: [
      { code: 'gst', name: 'GST', percent: '10', taxable: '3493.22', amount: '349.32' },
      { code: 'free', name: 'GST', percent: '0', taxable: '-54.21', amount: '0.00' },
    ],
    chargesExTax: '3439.01',
    tax: '349.32',
    currentCharges: '3788.33',
    balance: {
      previous: '1512.40',
      payments: ['19', '20', '21', '22', '23'].map(day => ({
        paidOn: `2026-10-${day}`,
        amount: '250.00',
        description: 'BPAY',
      })),
      adjustments: '-12.40',
      broughtForward: '250.00',
      totalDue: '4038.33',
    },
  });
}

/** A quarter in pounds, from a seller who says the least that is possible. */
export function britishQuarter(): InvoiceDocument {
  const period = { from: '2026-09-15', to: '2026-12-14' };
  const supply = sampleSupply({
    ...period,
    meterPoint: '1200023305967',
    address: '4 Example Mews, EXAMPLEFORD EX1 9ZZ',
    zone: 'Europe/London',
    days: 91,
    daily: sampleDays(period).map(day => ({ ...day, fromSolar: '0' })),
    lines: sampleLines(period).map(line => ({ ...line, taxCode: 'vat' })),
  });
  return sampleInvoice({
    currency: 'GBP',
    number: 'WG-000271',
    supplies: [supply],
    taxes: [{ code: 'vat', name: 'VAT', percent: '5', taxable: '399.66', amount: '19.98' }],
    tax: '19.98',
    currentCharges: '419.64',
    balance: { previous: '0.00', payments: [], adjustments: '0.00', broughtForward: '0.00', totalDue: '419.64' },
    seller: sampleSeller({
      name: 'Example Mews Power',
      colour: '#ffdd00',
      logo: '',
      businessNumber: '',
      address: [],
      email: '',
      web: '',
      networkProvider: '',
      interpreterPhone: '',
      relayPhone: '',
      ombudsman: '',
      phone: '0113 496 0000',
      faultsPhone: '105',
      payment: {
        directDebitPhone: '',
        bpayBillerCode: '',
        bpayReference: '',
        bankAccount: 'Sort code 00-00-00, account 12345678',
        cardUrl: '',
        cardFeeNotice: '',
        lateNotice: '',
      },
    }),
  });
}

const longName =
  'The Very Long and Winding Name of a Company that Sells Everything to Everybody Everywhere and Ever After Pty Ltd ';
const unbreakable = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(4);
const strange = '👩‍🚀🇦🇺 مرحبا بالعالم 株式会社 Ω≠∞ \u0000\u202e<&>"\ud800 Z̷̧a̶l̴g̵o̸';

/** Every field as long or as strange as somebody will one day type it. */
export function hostile(): InvoiceDocument {
  const many = severalSupplies();
  const text = `${longName} ${strange} ${unbreakable}`;
  const supply = {
    ...many.supplies[1]!,
    address: text,
    meterPoint: unbreakable,
    zone: strange,
    plan: { code: strange, name: text, version: 1, effectiveFrom: strange },
    lines: many.supplies[1]!.lines.slice(0, 3).map(line => ({
      ...line,
      description: text,
      when: text,
      quantity: 'many',
    })),
    registers: many.supplies[1]!.registers.map(register => ({
      ...register,
      serial: unbreakable,
      quality: text,
      usage: 'x',
    })),
  };
  return {
    ...many,
    number: unbreakable,
    corrects: text,
    notices: [text, text, text],
    issuedOn: 'never',
    dueOn: strange,
    currency: 'XTS',
    seller: {
      ...sampleSeller({
        name: text,
        businessNumber: text,
        address: [text, text],
        email: text,
        web: text,
        colour: strange,
      }),
      logo: 'M0 0 A 0 0 0 0 0 1e99',
      phone: text,
      networkProvider: text,
      faultsPhone: text,
      ombudsman: text,
      payment: {
        directDebitPhone: text,
        bpayBillerCode: text,
        bpayReference: text,
        bankAccount: text,
        cardUrl: `https://${unbreakable}`,
        cardFeeNotice: text,
        lateNotice: text,
      },
    },
    account: { number: text, name: text, businessNumber: text, postalAddress: Array(9).fill(text), email: text },
    supplies: [supply, ...many.supplies],
    taxes: [{ code: 'gst', name: text, percent: '10', taxable: '123456789012345.67', amount: text }],
    currentCharges: '123456789012345678.90',
    balance: {
      ...many.balance,
      totalDue: '99999999999.99',
      payments: Array(40).fill({ paidOn: text, amount: text, description: text }),
    },
  };
}

/** Nothing where there could be something. */
export function empty(): InvoiceDocument {
  const supply = sampleSupply({
    lines: [],
    registers: [],
    daily: [],
    monthly: [],
    days: 0,
    address: '',
    meterPoint: '',
  });
  const account = { number: '', name: '', businessNumber: '', postalAddress: [], email: '' };
  return sampleInvoice({ supplies: [supply], taxes: [], account, number: '', issuedOn: '', dueOn: '', notices: [] });
}
