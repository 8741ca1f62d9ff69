import type { Format } from '../format.ts';
import { type Profile, type ProfileInput, profileSchema } from './profile.ts';
import { laterFormat } from './profile-format.ts';

const fromGrid = (code: string) => ({ code, flow: 'from-grid' as const });
const toGrid = (code: string) => ({ code, flow: 'to-grid' as const });

/** Exports of network operators and meters, each known by its header. What only the importer can know stays 'site' or 'caller'. */
const described: ProfileInput[] = [
  {
    name: 'jemena',
    title: 'Jemena portal, half-hours in day rows',
    tables: [
      {
        header: ['NMI', 'METER SERIAL NUMBER', 'CON/GEN', 'DATE', 'ESTIMATED?'],
        values: [{ column: '00:00 - 00:30' }],
      },
    ],
    meterPoint: { from: 'column', column: 'NMI' },
    serial: 'METER SERIAL NUMBER',
    channelBy: {
      column: 'CON/GEN',
      channels: [
        { word: 'Consumption', ...fromGrid('E1') },
        { word: 'Controlled Load Consumption', ...fromGrid('E2') },
        { word: 'Generation', ...toGrid('B1') },
      ],
    },
    stamp: { column: 'DATE', pattern: 'yyyy-MM-dd' },
    // Market time, as in NEM12: every day has 48 half-hours.
    zone: '+10:00',
    day: { columns: 48, minutes: 30 },
    quality: {
      column: 'ESTIMATED?',
      words: [
        { word: 'No', quality: 'actual' },
        { word: 'Yes', quality: 'estimated' },
      ],
    },
  },
  {
    name: 'dsmr-reader',
    title: 'DSMR-reader, hours',
    tables: [
      {
        header: ['Hour Start', 'Electricity 1 (Dutch Users: Low Tariff)', 'Electricity 2 (Dutch Users: Normal Tariff)'],
        values: [
          { column: 'Electricity 1 (Dutch Users: Low Tariff)', channel: fromGrid('E1') },
          { column: 'Electricity 2 (Dutch Users: Normal Tariff)', channel: fromGrid('E2') },
          { column: 'Electricity 1 Returned (Dutch Users: Low Tariff)', channel: toGrid('B1'), optional: true },
          { column: 'Electricity 2 Returned (Dutch Users: Normal Tariff)', channel: toGrid('B2'), optional: true },
        ],
      },
    ],
    meterPoint: { from: 'caller' },
    stamp: { column: 'Hour Start', pattern: 'yyyy-MM-ddTHH:mm[:ss]XXX' },
    zone: 'offset',
    interval: { minutes: 60 },
  },
  {
    name: 'enel-distribuzione',
    title: 'Enel Distribuzione, quarter-hours in day rows',
    delimiter: ';',
    decimal: ',',
    tables: [
      {
        header: ['Giorno', '00:00-00:15', '23:45-00:00'],
        values: [{ column: '00:00-00:15', channel: fromGrid('E1') }],
      },
    ],
    meterPoint: { from: 'caller' },
    stamp: { column: 'Giorno', pattern: 'dd/MM/yyyy' },
    zone: 'Europe/Rome',
    day: { columns: 96, minutes: 15 },
  },
  {
    name: 'fluvius',
    title: 'Fluvius, quarter-hours by register',
    delimiter: ';',
    decimal: ',',
    tables: [
      {
        header: ['Van datum', 'Van tijdstip', 'EAN', 'Register', 'Volume', 'Eenheid', 'Validatiestatus'],
        values: [{ column: 'Volume' }],
      },
    ],
    meterPoint: { from: 'column', column: 'EAN' },
    serial: 'Meter',
    channelBy: {
      column: 'Register',
      channels: [
        { word: 'Afname Dag', ...fromGrid('E1') },
        { word: 'Afname Nacht', ...fromGrid('E2') },
        { word: 'Injectie Dag', ...toGrid('B1') },
        { word: 'Injectie Nacht', ...toGrid('B2') },
      ],
    },
    stamp: { column: 'Van datum', pattern: 'dd-MM-yyyy', time: { column: 'Van tijdstip', pattern: 'HH:mm:ss' } },
    zone: 'Europe/Brussels',
    interval: { minutes: 15 },
    quality: {
      column: 'Validatiestatus',
      words: [
        { word: 'Gevalideerd', quality: 'actual' },
        { word: 'Geschat', quality: 'estimated' },
        // “No consumption” stands beside an empty volume: zero or missing, the file does not say.
        { word: 'Geen verbruik', quality: 'missing' },
      ],
    },
    ignoreRows: [{ column: 'Eenheid', startsWith: 'm³', because: 'gas is not electricity' }],
  },
  {
    name: 'homewizard',
    title: 'HomeWizard P1, register values',
    tables: [
      {
        header: ['time', 'Import T1 kWh', 'Import T2 kWh'],
        values: [
          { column: 'Import T1 kWh', kind: 'register', channel: fromGrid('1') },
          { column: 'Import T2 kWh', kind: 'register', channel: fromGrid('2') },
          { column: 'Export T1 kWh', kind: 'register', channel: toGrid('3'), optional: true },
          { column: 'Export T2 kWh', kind: 'register', channel: toGrid('4'), optional: true },
        ],
      },
    ],
    meterPoint: { from: 'caller' },
    stamp: { column: 'time', pattern: 'yyyy-MM-dd HH:mm' },
    zone: 'Europe/Amsterdam',
  },
  {
    name: 'liander',
    title: 'Liander, registers by day',
    tables: [
      {
        header: ['eancodeasn', 'meternummer', 'meterreadingdate', 'reading1', 'reading2', 'reading3', 'reading4'],
        values: [
          { column: 'reading1', kind: 'register', channel: fromGrid('1') },
          { column: 'reading2', kind: 'register', channel: fromGrid('2') },
          { column: 'reading3', kind: 'register', channel: toGrid('3') },
          { column: 'reading4', kind: 'register', channel: toGrid('4') },
        ],
      },
    ],
    meterPoint: { from: 'column', column: 'eancodeasn' },
    serial: 'meternummer',
    stamp: { column: 'meterreadingdate', pattern: 'dd-MM-yyyy' },
    zone: 'Europe/Amsterdam',
    ignoreRows: [{ column: 'meternummer', startsWith: 'G', because: 'a gas meter counts cubic metres' }],
  },
  {
    name: 'sce',
    title: 'Southern California Edison, quarter-hours by day and direction',
    tables: [
      {
        header: [
          'Energy Delivered time period',
          'Usage Delivered(Real energy in kilowatt-hours)(Real energy in kilowatt-hours)',
        ],
        values: [{ column: 2, channel: fromGrid('E1') }],
      },
      {
        header: [
          'Energy Received time period',
          'Usage Received(Real energy in kilowatt-hours)(Real energy in kilowatt-hours)',
        ],
        values: [{ column: 2, channel: toGrid('B1') }],
      },
      {
        header: ['Energy consumption time period', 'Usage(Real energy in kilowatt-hours)'],
        values: [{ column: 2, channel: fromGrid('E1') }],
      },
    ],
    meterPoint: { from: 'caller' },
    stamp: { column: 1, pattern: 'yyyy-MM-dd HH:mm:ss' },
    zone: 'America/Los_Angeles',
    interval: { untilAfter: 'to' },
  },
  {
    name: 'edc-cr',
    title: 'EDC, Czech energy sharing, quarter-hours',
    delimiter: ';',
    decimal: ',',
    tables: [
      { header: ['Datum', 'Cas od', 'Cas do'], values: [{ column: 4, channel: { code: 'S1', flow: 'from-solar' } }] },
    ],
    // The heading names the two points between which energy was shared.
    meterPoint: { from: 'heading', column: 4 },
    stamp: { column: 'Datum', pattern: 'dd.MM.yyyy', time: { column: 'Cas od', pattern: 'HH:mm' } },
    zone: 'Europe/Prague',
    interval: { until: { column: 'Datum', pattern: 'dd.MM.yyyy', time: { column: 'Cas do', pattern: 'HH:mm' } } },
  },
  {
    name: 'enphase',
    title: 'Enphase custom report, hours',
    tables: [
      {
        header: ['Date/Time', 'Energy Produced (Wh)'],
        values: [{ column: 'Energy Produced (Wh)', unit: 'Wh', channel: { code: 'S1', flow: 'from-solar' } }],
      },
    ],
    meterPoint: { from: 'caller' },
    stamp: { column: 'Date/Time', pattern: 'MM/dd/yyyy HH:mm' },
    zone: 'site',
    interval: { minutes: 60 },
  },
  {
    name: 'sma-csv3',
    title: 'SMA WebUI CSV3, counters of an inverter',
    tables: [
      {
        header: ['Metering.TotWhOut'],
        values: [
          counter('Metering.TotWhOut', 'S1', 'from-solar'),
          counter('Metering.GridMs.TotWhOut', '2', 'to-grid'),
          counter('Metering.GridMs.AbsWhOut', '3', 'none'),
          counter('Metering.GridMs.TotWhIn', '4', 'from-grid'),
          counter('Metering.GridMs.AbsWhIn', '5', 'none'),
        ],
      },
    ],
    // Under the kinds of values stand “Analog” and the units.
    skipAfterHeader: 2,
    meterPoint: { from: 'above', lines: 1, column: 2 },
    stamp: { column: 1, pattern: 'dd.MM.yyyy HH:mm:ss' },
    zone: 'site',
    missing: ['NaN'],
  },
];

function counter(column: string, code: string, flow: 'from-grid' | 'to-grid' | 'from-solar' | 'none') {
  return { column, kind: 'register' as const, unit: 'Wh' as const, channel: { code, flow }, optional: true };
}

let checked: readonly Profile[] | undefined;

/** Profiles that come with the house. They are checked when the first of them is wanted: that takes 30 ms, which no start need wait for. */
export function portals(): readonly Profile[] {
  checked ??= described.map(profile => profileSchema.parse(profile));
  return checked;
}

/** Their formats. */
export const portalFormats: readonly Format[] = described.map(({ name, title }, at) =>
  laterFormat({ name, title }, () => portals()[at]!),
);
