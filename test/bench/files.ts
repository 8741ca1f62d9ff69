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

function mpan(index: number): string {
  const core = `121${String(index).padStart(9, '0')}`;
  for (let digit = 0; digit < 10; digit++) if (isMpan(`${core}${digit}`)) return `${core}${digit}`;
  throw new Error(`no check digit fits ${core}`);
}
