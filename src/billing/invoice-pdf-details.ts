import { mm, type Paper, quiet, type TextStyle } from '../kernel/paper.ts';
import { type Column, openingHeight, printTable, type Row } from '../kernel/paper-table.ts';
import { printedIdentifier } from '../units/identifiers.ts';
import type { InvoiceDocument, InvoiceLine, SupplyCharges } from './invoice.ts';
import { printSum } from './invoice-pdf-charges.ts';
import { printHints } from './invoice-pdf-hints.ts';
import { sumMoney } from './invoice-summary.ts';
import {
  meterPointName,
  showDay,
  showEnergy,
  showMoney,
  showPeriod,
  showPrice,
  showQuantity,
  taxNameOf,
} from './invoice-words.ts';
import { dailyUsageHeightMax, drawDailyUsage, drawMonthlyUsage, monthlyUsageHeight } from './usage-chart.ts';

/** An address and a plan name of two lines each, with the meter point's line. */
const headingRoom = 80;

/** Page 2 and on: each charge with its quantity and price, the taxes, the meters, twelve months, and what else one should know. */
export function printDetails(paper: Paper, invoice: InvoiceDocument, colour: string, chartMissing: boolean): void {
  paper.y = paper.top;
  const heading = invoice.kind === 'credit-note' ? 'How the credit is worked out' : 'How your charges are worked out';
  paper.within('H1', () => paper.line(heading, paper.left, paper.y, paper.width, { size: 14, weight: 'bold', colour }));
  paper.y += 24;
  for (const supply of invoice.supplies) printSupplyLines(paper, invoice, supply, colour);
  printTotals(paper, invoice);
  if (chartMissing) {
    ensureRoom(paper, dailyUsageHeightMax);
    drawDailyUsage(paper, invoice, paper.y, dailyUsageHeightMax, colour);
    paper.y += dailyUsageHeightMax + 12;
  }
  for (const supply of invoice.supplies) printMeters(paper, invoice, supply, colour);
  printHints(paper, invoice, colour);
}

/** Starts a page when less than `height` is left on this one. */
function ensureRoom(paper: Paper, height: number): void {
  if (paper.y + height > paper.bottom) paper.nextPage();
}

function lineColumns(tax: string): Column[] {
  return [
    { heading: 'Description', width: mm(49), wraps: true },
    { heading: 'When', width: mm(43), wraps: true },
    { heading: 'Quantity', width: mm(28), align: 'right' },
    { heading: `Unit price ex ${tax}`, width: mm(31), align: 'right' },
    { heading: `Amount ex ${tax}`, width: mm(29), align: 'right' },
  ];
}

function printSupplyLines(paper: Paper, invoice: InvoiceDocument, supply: SupplyCharges, colour: string): void {
  const tax = taxNameOf(invoice);
  const columns = lineColumns(tax);
  const rows = lineRows(invoice, supply, tax);
  ensureRoom(paper, headingRoom + openingHeight(paper, columns, rows));
  printSupplyHeading(paper, supply, colour);
  printTable(paper, columns, rows, colour);
  if (supply.lines.some(line => line.when)) {
    paper.line(`Times of day are local time (${supply.zone}).`, paper.left, paper.y + 3, paper.width, quiet);
    paper.y += 14;
  }
  paper.y += 8;
}

function printSupplyHeading(paper: Paper, supply: SupplyCharges, colour: string): void {
  const { plan } = supply;
  const heading: TextStyle = { size: 11, weight: 'bold', colour };
  paper.y +=
    paper.within('H2', () => paper.paragraph(supply.address, paper.left, paper.y, paper.width, heading, 2)) + 2;
  const days = `${showPeriod(supply)} (${supply.days} ${supply.days === 1 ? 'day' : 'days'})`;
  const facts = [
    `${meterPointName(supply.meterPoint)} ${printedIdentifier(supply.meterPoint)}, ${days}`,
    `Price plan: ${plan.name}, version ${plan.version}, prices from ${showDay(plan.effectiveFrom)}`,
  ];
  for (const fact of facts) paper.y += paper.paragraph(fact, paper.left, paper.y, paper.width, quiet, 2);
  paper.y += 6;
}

const groupNames: Record<InvoiceLine['group'], string> = {
  grid: 'Energy from the grid',
  solar: 'Energy from rooftop solar',
  supply: 'Supply',
  'feed-in': 'Energy to the grid',
  other: 'Other charges',
};

function lineRows(invoice: InvoiceDocument, supply: SupplyCharges, tax: string): Row[] {
  const { currency } = invoice;
  const untaxed = new Set(invoice.taxes.filter(({ percent }) => Number(percent) === 0).map(({ code }) => code));
  const rows: Row[] = [];
  let group = '';
  for (const line of supply.lines) {
    if (line.group !== group) rows.push({ kind: 'group', cells: [groupNames[line.group] ?? line.group] });
    group = line.group;
    rows.push({
      kind: 'plain',
      cells: [
        [line.description, untaxed.has(line.taxCode) && `(no ${tax})`, line.estimated && '(estimated)']
          .filter(Boolean)
          .join(' '),
        whenOf(line, supply),
        showQuantity(line.quantity, line.unit),
        showPrice(line.unitPrice, currency),
        showMoney(line.amount, currency),
      ],
    });
  }
  if (invoice.supplies.length > 1) {
    const subtotal = sumMoney(supply.lines.map(line => line.amount));
    rows.push({ kind: 'total', cells: [`Charges at ${supply.meterPoint}`, '', '', '', showMoney(subtotal, currency)] });
  }
  return rows;
}

/** The clock times, and the days where a line covers a part of the period (a price changed). */
function whenOf(line: InvoiceLine, supply: SupplyCharges): string {
  const whole = line.from === supply.from && line.to === supply.to;
  return [line.when, whole ? '' : showPeriod(line)].filter(Boolean).join(', ');
}

function printTotals(paper: Paper, invoice: InvoiceDocument): void {
  const { currency } = invoice;
  const rows: [string, string][] = [
    [`Charges before ${taxNameOf(invoice)}`, invoice.chargesExTax],
    ...invoice.taxes.map(({ name, percent, taxable, amount }): [string, string] => {
      const base = showMoney(taxable, currency);
      return [Number(percent) === 0 ? `No ${name} on ${base}` : `${name} ${percent} % of ${base}`, amount];
    }),
    [invoice.kind === 'credit-note' ? 'Total credited' : 'Total current charges', invoice.currentCharges],
  ];
  ensureRoom(paper, rows.length * 15 + 20);
  const shown = rows.map(([label, amount]): [string, string] => [label, showMoney(amount, currency)]);
  const x = paper.left + mm(80);
  paper.y = printSum(paper, shown, { x, y: paper.y, width: paper.right - x }) + 12;
}

const meterColumns: Column[] = [
  { heading: 'Meter and register', width: mm(48), wraps: true },
  { heading: 'Direction', width: mm(30) },
  { heading: 'Start read', width: mm(27), align: 'right' },
  { heading: 'End read', width: mm(27), align: 'right' },
  { heading: 'Usage kWh', width: mm(26), align: 'right' },
  { heading: 'Quality', width: mm(22), align: 'right' },
];

const flowNames = { 'from-grid': 'From grid', 'to-grid': 'To grid', 'from-solar': 'From solar' } as const;

function printMeters(paper: Paper, { supplies }: InvoiceDocument, supply: SupplyCharges, colour: string): void {
  if (supply.registers.length === 0 && monthlyUsageHeight(supply) === 0) return;
  const rows = supply.registers.map((register): Row => ({ kind: 'plain', cells: meterCells(register) }));
  ensureRoom(paper, 18 + openingHeight(paper, meterColumns, rows));
  const where = supplies.length > 1 ? `: ${supply.meterPoint}` : '';
  const heading: TextStyle = { size: 11, weight: 'bold', colour };
  paper.within('H2', () => paper.line(`Meter and usage${where}`, paper.left, paper.y, paper.width, heading));
  paper.y += 18;
  if (rows.length > 0) printTable(paper, meterColumns, rows, colour);
  for (const words of dialWords(supply)) {
    ensureRoom(paper, 13);
    paper.line(words, paper.left, paper.y + 3, paper.width, quiet);
    paper.y += 13;
  }
  if (supply.nextReadOn) {
    paper.line(`Next meter reading: about ${showDay(supply.nextReadOn)}.`, paper.left, paper.y + 3, paper.width, quiet);
    paper.y += 14;
  }
  paper.y += 8;
  ensureRoom(paper, monthlyUsageHeight(supply));
  paper.y += drawMonthlyUsage(paper, supply, `Twelve months of energy${where}`, paper.y, colour);
}

/** Sentences under the table, for registers whose usage is not simply the difference of what is printed. */
function dialWords({ registers }: SupplyCharges): string[] {
  const words = registers.flatMap(({ serial, code, arithmetic, multiplier, digits, usage }) => {
    if (arithmetic === undefined) return [];
    const facts = [
      ...(digits === undefined ? [] : [`${digits} digits`]),
      ...(multiplier === undefined ? [] : [`each unit counts ${multiplier} kWh`]),
    ];
    const name = [serial, code].filter(Boolean).join('/');
    return [`${name}${facts.length > 0 ? `, ${facts.join(', ')}` : ''}: ${arithmetic} = ${showEnergy(usage)} kWh.`];
  });
  const isEstimated = registers.some(({ startEstimated, endEstimated }) => startEstimated || endEstimated);
  return isEstimated
    ? [...words, 'E: not read at that time; on the straight line between the readings before and after it.']
    : words;
}

/** "40917/E1 COMMS4"; an interval meter has no dial, so its reads are a dash. */
function meterCells(register: SupplyCharges['registers'][number]): string[] {
  const name = [register.serial, register.code].filter(Boolean).join('/');
  return [
    [name, register.meterType].filter(Boolean).join(' '),
    flowNames[register.flow] ?? register.flow,
    dialCell(register.startValue, register.startEstimated),
    dialCell(register.endValue, register.endEstimated),
    showEnergy(register.usage),
    register.quality,
  ];
}

/** An estimated value as a dial shows it; all its decimals stand in the sentence below. */
function dialCell(value: string, isEstimated: true | undefined): string {
  if (value === '') return '–';
  return isEstimated ? `${showEnergy(value.replace(/(\.\d{3})\d+$/, '$1'))} E` : showEnergy(value);
}
