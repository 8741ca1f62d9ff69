import type { WeekPicture, WeekRun } from '../tariffs/week-picture.ts';
import { formatClockTime, minutesPerDay } from '../tariffs/windows.ts';

const dayWords: Record<string, string> = {
  MON: 'Mon',
  TUE: 'Tue',
  WED: 'Wed',
  THU: 'Thu',
  FRI: 'Fri',
  SAT: 'Sat',
  SUN: 'Sun',
  PUBLIC_HOLIDAY: 'Holiday',
};
/** Shades from cheap to dear in admin.css: one hue, so that who sees no hues reads them too. */
const shades = 6;

interface Size {
  name: 'wide' | 'narrow';
  width: number;
  hourStep: number;
  left: number;
}
const wide: Size = { name: 'wide', width: 960, hourStep: 2, left: 58 };
const narrow: Size = { name: 'narrow', width: 400, hourStep: 6, left: 54 };
const rowHeight = 26;
const rowGap = 3;
const top = 20;

/** A week as seven rows of twenty-four hours, each stretch shaded by its price and named by its rate's letter. */
export function weekChart(picture: WeekPicture, description: string): { svg: string; narrowSvg: string } {
  return { svg: draw(picture, description, wide), narrowSvg: draw(picture, description, narrow) };
}

/** "shade-5" for the dearest. */
export function shadeOf({ rates }: WeekPicture, rate: number): string {
  const highest = Math.max(...rates.map(({ rank }) => rank));
  const step = highest === 0 ? 1 : Math.round((rates[rate]!.rank * (shades - 1)) / highest);
  return `shade-${step}`;
}

function draw(picture: WeekPicture, description: string, size: Size): string {
  const id = `week-${picture.code.toLowerCase()}-${size.name}`;
  const height = top + picture.days.length * rowHeight;
  const x = (minute: number) => round(size.left + ((size.width - size.left) * minute) / minutesPerDay);
  const rows = picture.days.map(({ name, runs }, at) => {
    const y = top + at * rowHeight;
    const label = `<text x="${size.left - 8}" y="${y + 16}" text-anchor="end" aria-hidden="true">${dayWords[name] ?? name}</text>`;
    return label + runs.map(run => stretch(picture, name, run, y, x)).join('');
  });
  return `<svg class="${size.name}" viewBox="0 0 ${size.width} ${height}" role="img" aria-labelledby="${id}-title ${id}-text"><title id="${id}-title">${escapeXml(picture.title)}</title><desc id="${id}-text">${escapeXml(description)}</desc>${hours(size, x)}${rows.join('')}</svg>`;
}

function stretch(
  picture: WeekPicture,
  day: string,
  { from, to, rate }: WeekRun,
  y: number,
  x: (minute: number) => number,
): string {
  const { letter, prices } = picture.rates[rate]!;
  const shade = shadeOf(picture, rate);
  const width = round(x(to) - x(from) - 1);
  const words = `${dayWords[day] ?? day} ${formatClockTime(from)} to ${formatClockTime(to)}: ${letter}, ${prices[0]!.description}`;
  const text =
    width < 12
      ? ''
      : `<text class="letter ${shade}" x="${round((x(from) + x(to)) / 2)}" y="${y + 16}" text-anchor="middle">${letter}</text>`;
  return `<g><title>${escapeXml(words)}</title><rect class="${shade}" x="${x(from)}" y="${y}" width="${width}" height="${rowHeight - rowGap}" rx="2"/>${text}</g>`;
}

function hours({ hourStep }: Size, x: (minute: number) => number): string {
  const ticks = Array.from({ length: 24 / hourStep + 1 }, (_, at) => at * hourStep);
  const labels = ticks.map(hour => {
    const anchor = hour === 0 ? 'start' : hour === 24 ? 'end' : 'middle';
    return `<text x="${x(hour * 60)}" y="12" text-anchor="${anchor}">${formatClockTime(hour * 60)}</text>`;
  });
  return `<g aria-hidden="true">${labels.join('')}</g>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
