/** Which state's holidays and rules hold where a distributor is, by the first words of the name publishers give it. */
const states: [RegExp, string][] = [
  [/^(ausgrid|endeavour|essential)/i, 'AU-NSW'],
  [/^evoenergy/i, 'AU-ACT'],
  [/^(energex|ergon)/i, 'AU-QLD'],
  [/^(sa power|sapn)/i, 'AU-SA'],
  [/^tasnetworks/i, 'AU-TAS'],
  [/^(ausnet|citipower|jemena|powercor|united)/i, 'AU-VIC'],
];

export function stateOf(distributor: string): string | undefined {
  return states.find(([name]) => name.test(distributor.trim()))?.[1];
}
