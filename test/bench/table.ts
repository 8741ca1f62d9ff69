/** One line of the table. `mark` is what PERFORMANCE.md asks for; undefined where it only reports. */
export interface Row {
  what: string;
  ours: string;
  /** Bare node:http in the same run. */
  bare?: string;
  note?: string;
  mark?: { text: string; met: boolean };
}

export function showTable(rows: Row[]): string {
  const cells = [
    ['', 'ours', 'bare node:http', '', 'mark', ''],
    ...rows.map(({ what, ours, bare = '', note = '', mark }) => [
      what,
      ours,
      bare,
      note,
      mark?.text ?? '',
      mark ? (mark.met ? 'met' : 'MISSED') : '',
    ]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map(row => row[column]!.length)));
  return cells
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function atLeast(value: number, least: number, unit: string): Row['mark'] {
  return { text: `≥ ${figure(least)} ${unit}`.trimEnd(), met: value >= least };
}

export function atMost(value: number, most: number, unit: string): Row['mark'] {
  return { text: `≤ ${figure(most)} ${unit}`.trimEnd(), met: value <= most };
}

/** Three digits that matter, thousands apart. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const decimals = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toFixed(decimals).replace(/\B(?=(\d{3})+$)/g, decimals === 0 ? ',' : '');
}

export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
