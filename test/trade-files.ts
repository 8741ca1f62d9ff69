/** Small files of the trade with right headers and trailers, made up here. */

const crlf = (lines: string[]) => `${lines.join('\r\n')}\r\n`;

/** A day of half-hours on E1 per NMI, interval i of day d with (i + 1 + d) watt-hours; days from 1 October 2025 on, at UTC+10. */
export function nem12File(nmis: string[], days = 1): string {
  const lines = ['100,NEM12,202511010900,MDP1,RETAILR1'];
  for (const nmi of nmis) {
    lines.push(`200,${nmi},E1,1,E1,N1,METER1,kWh,30,20251201`);
    for (let day = 0; day < days; day++) {
      const date = new Date(Date.UTC(2025, 9, 1 + day)).toISOString().slice(0, 10).replaceAll('-', '');
      const values = Array.from({ length: 48 }, (_, slot) => `0.${String(slot + 1 + day).padStart(3, '0')}`);
      lines.push(`300,${date},${values.join(',')},A,,,20251031010000,`);
    }
  }
  return crlf([...lines, '900']);
}

/** One reading per value of register S, a day apart from 22 February 2016 on. */
export function d0010File(...values: string[]): string {
  const lines = [
    'ZHV|0000000042|D0010002|D|UDMS|X|RETL|20160302153151||||OPER|',
    '026|1200023305967|V|',
    '028|F75A 00802|R|',
  ];
  for (const [at, value] of values.entries()) lines.push(`030|S|201602${22 + at}000000|${value}|||T|N|`);
  return crlf([...lines, `ZPT|0000000042|${lines.length - 1}||1|20160302154650|`]);
}
