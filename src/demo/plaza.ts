import type { Zone } from '../units/time.ts';

/** The demo's site: an invented shopping centre that buys at one gate, has solar on the roof and sells to the shops inside. */
export const plazaZone = 'Australia/Adelaide' as Zone;

export type LoadShape = 'landlord' | 'bakery' | 'cafe' | 'grocer' | 'office' | 'gym' | 'shop' | 'restaurant';

export interface Party {
  account: string;
  name: string;
  shop: string;
  email: string;
  nmi: string;
  shape: LoadShape;
  /** Average load in kW over a year. */
  kilowatts: number;
  plan: string;
  /** Which bills it pays: all but the last, all late, or fewer. */
  pays: 'on-time' | 'late' | 'partly' | 'never';
}

const shops: [name: string, shape: LoadShape, kilowatts: number, pays: Party['pays']][] = [
  ['Demo Bakehouse', 'bakery', 9.5, 'on-time'],
  ['Example Espresso', 'cafe', 3.2, 'on-time'],
  ['Sample Grocer', 'grocer', 24, 'on-time'],
  ['Placeholder Books', 'shop', 1.4, 'on-time'],
  ['Specimen Shoes', 'shop', 1.8, 'late'],
  ['Mock Noodle Bar', 'restaurant', 6.1, 'on-time'],
  ['Fictional Fitness', 'gym', 5.4, 'on-time'],
  ['Pretend Pharmacy', 'shop', 3.6, 'on-time'],
  ['Nominal Dental', 'office', 2.9, 'on-time'],
  ['Imaginary Travel', 'office', 1.1, 'partly'],
  ['Test Pattern Optics', 'shop', 1.5, 'on-time'],
  ['Dummy Toys', 'shop', 2.2, 'never'],
];

/** An NMI that no distributor issues; its check digit is the eleventh character where one is printed. */
function inventedNmi(index: number): string {
  return `WLDEM${String(index).padStart(5, '0')}`;
}

export const landlord: Party = {
  account: '9038000',
  name: 'Demo Plaza Management',
  shop: 'Common areas',
  email: 'landlord@demo-plaza.example',
  nmi: inventedNmi(0),
  shape: 'landlord',
  kilowatts: 14,
  plan: 'PLAZA_COMMON',
  pays: 'on-time',
};

export const tenants: Party[] = shops.map(([name, shape, kilowatts, pays], at) => ({
  account: String(9038001 + at),
  name,
  shop: `Shop ${at + 1}`,
  email: `${name.toLowerCase().replaceAll(' ', '.')}@demo-plaza.example`,
  nmi: inventedNmi(at + 1),
  shape,
  kilowatts,
  plan: 'IO_CI_01',
  pays,
}));

export const parties: Party[] = [landlord, ...tenants];

export function addressOf({ shop }: Party): string {
  return `${shop}, 1 Example Plaza, Sampletown SA 5999`;
}

/** Peak power of the roof, in kW. */
export const solarPeakKilowatts = 160;

export const seller = {
  name: 'Demo Plaza Energy',
  businessNumber: '00 000 000 000',
  address: ['1 Example Plaza', 'Sampletown SA 5999'],
  phone: '1300 000 000',
  email: 'energy@demo-plaza.example',
  web: 'https://demo-plaza.example/energy',
  colour: '#2f5d50',
  networkProvider: 'Sample Networks',
  faultsPhone: '13 00 00',
  interpreterPhone: '13 14 50',
  relayPhone: '13 36 77',
  ombudsman: 'the energy ombudsman of your state',
  payment: {
    directDebitPhone: '1300 000 000',
    bpayBillerCode: '000000',
    bpayReference: '',
    bankAccount: 'BSB 000-000, account 0000 0000',
    cardUrl: 'https://demo-plaza.example/pay',
    cardFeeNotice: 'Card payments incur a fee of 1 % including GST.',
    lateNotice: 'Please pay by the due date to avoid a late payment fee.',
  },
};

const gst = { GST: { name: 'GST', percent: '10' } };
const weekDays = { WEEKDAY: ['MON', 'TUE', 'WED', 'THU', 'FRI'], WEEKEND: ['SAT', 'SUN'] };

/** Peak 17 to 21 h every day, shoulder on weekdays 7 to 17 h, off-peak the rest, rooftop solar at its own price. */
function tenantPlan(effectiveFrom: string, supply: string) {
  return {
    planCode: 'IO_CI_01',
    displayName: 'Plaza time of use with rooftop solar',
    currency: 'AUD',
    taxBasis: 'EXCLUSIVE',
    taxes: gst,
    effectiveFrom,
    dayTypes: weekDays,
    components: [
      {
        kind: 'energy',
        code: 'USE',
        description: 'From grid',
        register: 'IMPORT',
        tax: 'GST',
        rates: [
          { code: 'PEAK', unitPrice: '0.40', windows: [{ from: '17:00', to: '21:00' }] },
          { code: 'SHOULDER', unitPrice: '0.295', windows: [{ days: 'WEEKDAY', from: '07:00', to: '17:00' }] },
          {
            code: 'OFF_PEAK',
            unitPrice: '0.21',
            windows: [
              { from: '21:00', to: '07:00' },
              { days: 'WEEKEND', from: '07:00', to: '17:00' },
            ],
          },
        ],
      },
      {
        kind: 'energy',
        code: 'SOLAR',
        description: 'Rooftop solar',
        register: 'SOLAR',
        rates: [{ code: 'ALL', unitPrice: '0.25' }],
        tax: 'GST',
      },
      { kind: 'supply', code: 'SUPPLY', amount: supply, per: 'DAY', tax: 'GST' },
    ],
  };
}

const commonPlan = (effectiveFrom: string) => ({
  planCode: 'PLAZA_COMMON',
  displayName: 'Plaza common areas, flat with feed-in',
  currency: 'AUD',
  taxBasis: 'EXCLUSIVE',
  taxes: gst,
  effectiveFrom,
  components: [
    {
      kind: 'energy',
      code: 'USE',
      description: 'From grid',
      register: 'IMPORT',
      rates: [{ code: 'ALL', unitPrice: '0.2875' }],
      tax: 'GST',
    },
    {
      kind: 'energy',
      code: 'SOLAR',
      description: 'Rooftop solar',
      register: 'SOLAR',
      rates: [{ code: 'ALL', unitPrice: '0.12' }],
      tax: 'GST',
    },
    {
      kind: 'feedIn',
      code: 'FIT',
      description: 'To grid',
      register: 'EXPORT',
      rates: [{ code: 'ALL', unitPrice: '0.048' }],
      optional: true,
    },
    { kind: 'supply', code: 'SUPPLY', amount: '2.35', per: 'DAY', tax: 'GST' },
  ],
});

/** Plan documents: the tenants' supply charge changed once, so that one bill shows two segments. */
export function planDocuments(begins: string, priceChange: string) {
  return [tenantPlan(begins, '1.55'), tenantPlan(priceChange, '1.60'), commonPlan(begins)];
}
