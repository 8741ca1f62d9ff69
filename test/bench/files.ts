import { isMpan } from '../../src/units/identifiers.ts';

/** A NEM12 file as a meter data provider sends it: one channel of half-hours for each NMI, now and then a substituted tail. */
export function nem12(nmis: number, days: number): { text: string; intervals: number } {
  const lines = ['100,NEM12,202507010900,BENCHMDP,BENCHRET'];
  for (let nmi = 0; nmi < nmis; nmi++) {
    lines.push(`200,${6_100_000_000 + nmi},E1,E1,E1,N1,M${nmi},kWh,30,`);
    for (let day = 0; day < days; day++) {
      const values = Array.from({ length: 48 }, (_, slot) => `0.${100 + ((nmi * 7 + day * 31 + slot * 13) % 900)}`);
      const date = dateOf(day);
      const substituted = (nmi + day) % 50 === 0;
      lines.push(`300,${date},${values.join(',')},${substituted ? 'V' : 'A'},,,${dateOf(day + 1)}013500,`);
      if (substituted) lines.push('400,1,30,A,,', '400,31,48,S14,76,');
    }
  }
  lines.push('900', '');
  return { text: lines.join('\r\n'), intervals: nmis * days * 48 };
}

/** Tables as portals and we ourselves write them, each of `meters` channels over `days` days. */
export const tables: Record<'quarter-hours' | 'day rows' | 'our own', (meters: number, days: number) => Table> = {
  'quarter-hours': (meters, days) => {
    const lines = ['Van datum;Van tijdstip;Tot datum;Tot tijdstip;EAN;Meter;Register;Volume;Eenheid;Validatiestatus'];
    for (let slot = 0; slot < meters * days * 96; slot++) {
      const [meter, rest] = [Math.floor(slot / (days * 96)), slot % (days * 96)];
      const [date, time] = stampOf(rest * 15);
      const [toDate, toTime] = stampOf((rest + 1) * 15);
      const read = `0,${100 + ((slot * 37) % 900)};kWh;Gevalideerd`;
      lines.push(`${date};${time};${toDate};${toTime};="5414480000${100_000 + meter}";M${meter};Afname Dag;${read}`);
    }
    return { text: lines.concat('').join('\r\n'), intervals: meters * days * 96 };
  },
  'day rows': (meters, days) => {
    const slots = Array.from({ length: 48 }, (_, slot) => `${clockOf(slot * 30)} - ${clockOf((slot + 1) * 30)}`);
    const lines = [`NMI,METER SERIAL NUMBER,CON/GEN,DATE,ESTIMATED?,${slots.join(',')}`];
    for (let row = 0; row < meters * days; row++) {
      const [meter, day] = [Math.floor(row / days), row % days];
      const values = slots.map((_, slot) => `0.${100 + ((row * 7 + slot * 13) % 900)}`);
      lines.push(`${6_200_000_000 + meter},M${meter},Consumption,${isoOf(day)},No,${values.join(',')}`);
    }
    return { text: lines.concat('').join('\r\n'), intervals: meters * days * 48 };
  },
  'our own': (meters, days) => {
    const lines = [
      'meter_point,kind,code,meter,flow,unit,at,minutes,value,quality,version,method,reason_code,reason_text',
    ];
    for (let slot = 0; slot < meters * days * 48; slot++) {
      const [meter, rest] = [Math.floor(slot / (days * 48)), slot % (days * 48)];
      const at = `${isoOf(Math.floor(rest / 48))}T${clockOf((rest % 48) * 30)}:00Z`;
      const read = `0.${100 + ((slot * 37) % 900)},actual,,,,`;
      lines.push(`${6_300_000_000 + meter},channel,E1,M${meter},from-grid,kWh,${at},30,${read}`);
    }
    return { text: lines.concat('').join('\r\n'), intervals: meters * days * 48 };
  },
};

interface Table {
  text: string;
  intervals: number;
}

/** A D0010 flow with `readings` register readings, one to a meter. */
export function d0010(readings: number): string {
  const lines = ['ZHV|0000000001|D0010002|D|UDMS|X|MRCY|20260302153151||||OPER|'];
  for (let at = 0; at < readings; at++) {
    const value = (10_000 + ((at * 37) % 80_000) + 0.5).toFixed(1);
    lines.push(`026|${mpan(at)}|V|`, `028|S${String(at).padStart(8, '0')}|R|`, `030|S|20260201000000|${value}|||T|N|`);
  }
  lines.push(`ZPT|0000000001|${readings * 3}||${readings}|20260302154650|`, '');
  return lines.join('\n');
}

function dateOf(day: number): string {
  return new Date(Date.UTC(2025, 4, 1 + day)).toISOString().slice(0, 10).replaceAll('-', '');
}

function isoOf(day: number): string {
  return dateOf(day).replace(/(....)(..)(..)/, '$1-$2-$3');
}

function clockOf(minutes: number): string {
  return [(minutes / 60) % 24, minutes % 60].map(part => String(Math.floor(part)).padStart(2, '0')).join(':');
}

/** Day and time of a minute after the first one, as they are written in Belgium. */
function stampOf(minute: number): [day: string, time: string] {
  const day = isoOf(Math.floor(minute / 1440))
    .split('-')
    .reverse()
    .join('-');
  return [day, `${clockOf(minute % 1440)}:00`];
}

function mpan(index: number): string {
  const core = `121${String(index).padStart(9, '0')}`;
  for (let digit = 0; digit < 10; digit++) if (isMpan(`${core}${digit}`)) return `${core}${digit}`;
  throw new Error(`no check digit fits ${core}`);
}
