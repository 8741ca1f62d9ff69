import { tables } from '../bench/files.ts';
import { dtcFile, halfHours } from '../imports/dtc-file.ts';
import { d0010File, nem12File } from '../trade-files.ts';

const mpan = '1200023305967';
const times = Array.from({ length: 60 }, (_, slot) => ({
  day: `2026-10-0${1 + Math.floor(slot / 48)}`,
  clock: `${String(Math.floor((slot % 48) / 2)).padStart(2, '0')}:${slot % 2 === 0 ? '00' : '30'}`,
  dial: (100 + slot / 4).toFixed(2),
}));

/** Small right files of our own, to be damaged: of every format that the files of the trade beside the project may lack. */
export const ownSeeds: readonly string[] = [
  nem12File(['6001000017', '6001000025'], 3),
  d0010File('100.0', '110.5', '120.0'),
  ...withdrawals(),
  ...registerMaps(),
  ...['D0036001 103', 'D0275001 27B', 'D0379001 66L'].map(periodsOfDays),
  ...Object.values(tables).map(write => write(2, 2).text),
  archive('flow,minutes', 'from-grid,30', 'from-grid,0'),
  archive('', '', ''),
  ...meterUsageFiles(),
  csv(
    'Hour Start,Electricity 1 (Dutch Users: Low Tariff),Electricity 2 (Dutch Users: Normal Tariff)',
    ({ day, clock }) => (clock.endsWith('00') ? [`${day}T${clock}:00+02:00,0.25,0.5`] : []),
  ),
  csv('time,Import T1 kWh,Import T2 kWh', ({ day, clock, dial }) => [`${day} ${clock},${dial},${dial}`]),
];

/** A reading that is taken back, in the flow and in its sibling. */
function withdrawals(): string[] {
  const d0010 = d0010File('100.0', '110.5').replace(
    'ZPT',
    '028|F75A 00802|W|\r\n030|S|20160222000000|100.0|||T|N|\r\nZPT',
  );
  const words = [
    ['D0010', 'D0086'],
    ['026|', '196|'],
    ['028|', '197|'],
    ['030|', '198|'],
  ];
  return [d0010, words.reduce((text, [ours, theirs]) => text.replaceAll(ours!, theirs!), d0010)];
}

function registerMaps(): string[] {
  const pattern = ['281|0393|20260518|', '778|00001|', '283|M1|', '284|01|1|', '283|M2|', '284|02|1|'];
  const meter = '290|M1|||5|J|Maker X1|MAPX|||||||||||RCAMY|20260515|20260315||||R|20260515|';
  const registers = ['291|200/5|', '293|01|C|AI|40.00||5|||', '293|02|C|AE|1.00||7|||'];
  return [
    dtcFile('D0149001', [`280|${mpan}|20260518|`, ...pattern]),
    dtcFile('D0150002', [`288|${mpan}|20260515||E|`, '289|0393|20260515|||', meter, ...registers]),
  ];
}

function periodsOfDays(words: string): string {
  const [flow = '', period = ''] = words.split(' ');
  const [root, day] = period === '103' ? ['101', '102'] : ['25B', '26B'];
  const groups = ['20260623', '20260624'].flatMap(date => [
    `${day}|${date}|`,
    ...halfHours(period, 48, at => `A|0.${100 + at}`),
  ]);
  return dtcFile(flow, [`${root}|${mpan}|AI|RETL|`, ...groups]);
}

/** An archive of ours, and one of those before it had the last columns. */
function archive(columns: string, ofChannel: string, ofRegister: string): string {
  const more = (cells: string) => (cells === '' ? '' : `,${cells}`);
  return csv(`meter_id,timestamp,reading,kind,code,unit,quality${more(columns)}`, ({ day, clock, dial }) => [
    `m-1,${day}T${clock}:00+09:30,0.5,channel,E1,kWh,actual${more(ofChannel)}`,
    `m-2,${day}T${clock}:00+09:30,${dial},register,1,kWh,estimated${more(ofRegister)}`,
  ]);
}

function meterUsageFiles(): string[] {
  const users = 'identifier,address,region,sub_region,postcode,apartment_type';
  return [
    csv('identifier,timestamp,usage', ({ day, clock, dial }) => [`531-123-456,${day} ${clock}:00.123456,${dial}`]),
    `${users}\n531-123-456,"1 Example Road, #02-03",Central,Sample Town,100001,4-room\n531-123-457,2 Example Road,North,,100002,\n`,
  ];
}

function csv(header: string, rowsAt: (time: (typeof times)[number]) => string[]): string {
  return `${[header, ...times.flatMap(rowsAt)].join('\n')}\n`;
}
