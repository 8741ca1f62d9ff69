import { mm, type Paper } from '../kernel/paper.ts';
import type { Look } from '../kernel/paper-chart.ts';
import { drawBarChart, drawLegend } from '../kernel/paper-chart.ts';
import { formatKwh, microKwh } from '../units/energy.ts';
import type { Day } from '../units/time.ts';
import type { InvoiceDocument, SupplyCharges } from './invoice.ts';
import { billedDays, type DayUsage, dailyUsage } from './invoice-summary.ts';
import { showDay, showMonth, showPeriod } from './invoice-words.ts';

/** 1e-6: a picture may be drawn with binary fractions, no figure on the bill comes from here. */
const kWhPerMicro = 1e-6;

const dailyHeading = 17;
/** A lower chart could not be read. */
export const dailyUsageHeightMin = dailyHeading + mm(25);
export const dailyUsageHeightMax = dailyHeading + mm(45);

/** Every day of the period with the same period last year over it; a day nobody measured is a grey gap. 45 mm high where `room` allows. */
export function drawDailyUsage(paper: Paper, invoice: InvoiceDocument, y: number, room: number, colour: string): void {
  const known = new Map(dailyUsage(invoice.supplies).map(day => [day.day, day]));
  const days = billedDays(invoice.supplies);
  if (known.size === 0 || days.length === 0) return;
  const usage = days.map(day => known.get(day));
  paper.within('H2', () =>
    paper.line('Your daily usage', paper.left, y, paper.width, { size: 11, weight: 'bold', colour }),
  );
  drawLegend(paper, legendOf(usage), paper.right, y + 3, colour);
  const area = {
    x: paper.left,
    y: y + dailyHeading,
    width: paper.width,
    height: Math.min(room, dailyUsageHeightMax) - dailyHeading,
  };
  const line = usage.some(day => day && day.lastYear !== null)
    ? { line: { values: usage.map(day => (day && day.lastYear !== null ? day.lastYear * kWhPerMicro : null)) } }
    : {};
  drawBarChart(
    paper,
    { alt: dailyWords(days, usage), unit: 'kWh', colour, bars: usage.map(dayBar), labels: dayLabels(days), ...line },
    area,
  );
}

function dayBar(day: DayUsage | undefined): { value: number; look: Look }[] | null {
  if (!day) return null;
  return [
    { value: day.fromGrid * kWhPerMicro, look: 'solid' },
    { value: day.fromSolar * kWhPerMicro, look: 'hatch' },
    { value: -day.toGrid * kWhPerMicro, look: 'outline' },
  ];
}

function legendOf(usage: (DayUsage | undefined)[]): [Look, string][] {
  const some = (part: (day: DayUsage) => boolean) => usage.some(day => day && part(day));
  const entries: [boolean, Look, string][] = [
    [true, 'solid', 'From grid'],
    [some(day => day.fromSolar > 0), 'hatch', 'From rooftop solar'],
    [some(day => day.toGrid > 0), 'outline', 'To grid'],
    [some(day => day.lastYear !== null), 'line', 'Same period last year'],
    [usage.includes(undefined), 'unknown', 'Not measured'],
  ];
  return entries.filter(([shown]) => shown).map(([, look, name]) => [look, name]);
}

/** Roughly ten dates whatever the length: the first, then every third, seventh … day. */
function dayLabels(days: Day[]): string[] {
  const every = [1, 2, 3, 7, 14].find(step => days.length / step <= 12) ?? 30;
  return days.map((day, index) => (index % every === 0 ? showDay(day).slice(0, -5) : ''));
}

function dailyWords(days: Day[], usage: (DayUsage | undefined)[]): string {
  const known = usage.filter(day => day !== undefined);
  const highest = known.reduce((top, day) => (day.fromGrid + day.fromSolar > top.fromGrid + top.fromSolar ? day : top));
  const kWh = formatKwh(microKwh(highest.fromGrid + highest.fromSolar));
  return `Bar chart of the energy used each day, ${showPeriod({ from: days[0]!, to: days.at(-1)! })}. Highest: ${kWh} kWh on ${showDay(highest.day)}.`;
}

const monthlyHeight = mm(34);

/** Twelve months up to this bill, this one dark; carbon dioxide as a line where it is known. Returns the height used. */
export function drawMonthlyUsage(
  paper: Paper,
  supply: SupplyCharges,
  heading: string,
  y: number,
  colour: string,
): number {
  if (!supply.monthly.some(month => month.energy !== null)) return 0;
  const last = supply.monthly.length - 1;
  const co2 = supply.monthly.map(month => (month.co2Kg ? Number(month.co2Kg) || 0 : null));
  const withCo2 = co2.some(value => value !== null);
  paper.within('H3', () => paper.line(heading, paper.left, y, 250, { weight: 'bold' }));
  drawLegend(paper, monthlyLegend(withCo2), paper.right, y + 2, colour);
  const area = { x: paper.left, y: y + 15, width: paper.width, height: monthlyHeight };
  const bars = supply.monthly.map(({ energy }, index): { value: number; look: Look }[] | null =>
    energy === null ? null : [{ value: Number(energy) || 0, look: index === last ? 'solid' : 'hatch' }],
  );
  const labels = supply.monthly.map(({ month }) => showMonth(month));
  const line = withCo2 ? { line: { values: co2, unit: 'kg CO₂' } } : {};
  drawBarChart(paper, { alt: monthlyWords(supply), unit: 'kWh', colour, bars, labels, ...line }, area);
  return monthlyUsageHeight(supply);
}

/** The room `drawMonthlyUsage` needs. */
export function monthlyUsageHeight({ monthly }: SupplyCharges): number {
  return monthly.some(month => month.energy !== null) ? 15 + monthlyHeight + 8 : 0;
}

function monthlyLegend(withCo2: boolean): [Look, string][] {
  const bars: [Look, string][] = [
    ['hatch', 'Earlier months'],
    ['solid', 'Latest month'],
  ];
  return withCo2 ? [...bars, ['line', 'Carbon dioxide']] : bars;
}

function monthlyWords({ monthly }: SupplyCharges): string {
  const months = monthly.map(
    ({ month, energy }) => `${showMonth(month)} ${energy === null ? 'not known' : `${energy} kWh`}`,
  );
  return `Bar chart of the energy used each month: ${months.join(', ')}.`;
}
