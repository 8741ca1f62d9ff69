/** A NEM12 day for each name in `days` ("20261101"): 48 half-hours of `energy` kWh on channel E1 of `nmi`. */
export function nem12(nmi: string, days: string[], energy: (slot: number) => string = () => '0.5'): string {
  const values = Array.from({ length: 48 }, (_, slot) => energy(slot)).join(',');
  return [
    '100,NEM12,202611200000,SENDER,RECEIVER',
    `200,${nmi},E1,E1,E1,N1,1,kWh,30,`,
    ...days.map(day => `300,${day},${values},A,,,20261120000000,`),
    '900',
    '',
  ].join('\r\n');
}

/** The same with one value that is no number in the second day. */
export function nem12WithBadLine(nmi: string): string {
  const [head, channel, first, second, end] = nem12(nmi, ['20261101', '20261102']).split('\r\n');
  return [head, channel, first, second!.replace('0.5', '5x6'), end, ''].join('\r\n');
}
