/** One place on the x axis. `value` undefined is a gap: nothing is drawn as zero that nobody measured. */
export interface ChartPoint {
  /** Said in the tooltip and the table: "21 Nov 2026", "10:30". */
  label: string;
  value: number | undefined;
  /** The value in words, exact: "12.345 kWh". */
  text: string;
  /** A second value drawn above zero beside or behind the first (energy to the grid). */
  second?: number | undefined;
  secondText?: string;
  estimated?: boolean;
}

export interface ChartSpec {
  /** Unique on its page: title and description are referred to by id. */
  id: string;
  title: string;
  /** A sentence that says what the picture shows, for those who do not see it. */
  description: string;
  unit: string;
  points: ChartPoint[];
  /** Names of the first and the second value, for the legend and the table. */
  names: [string] | [string, string];
  /** What a point is: "Day", "Time". */
  axis: string;
}

export interface Chart extends ChartSpec {
  svg: string;
}

const width = 960;
const height = 260;
const left = 48;
const right = 8;
const top = 24;
const bottom = 26;
const plotWidth = width - left - right;
const plotHeight = height - top - bottom;
// Beside each other up to this many labels fit without touching.
const labelsMax = 12;

/** Bars per point; estimated ones hatched, gaps marked at the axis. */
export function barChart(spec: ChartSpec): Chart {
  const scale = yScale(spec.points);
  const step = plotWidth / Math.max(1, spec.points.length);
  const double = spec.names.length === 2;
  const barWidth = Math.max(0.5, Math.min(step * 0.78, 40) / (double ? 2 : 1));
  const bars = spec.points.map((point, index) => {
    const middle = left + step * (index + 0.5);
    const x = double ? middle - barWidth : middle - barWidth / 2;
    if (point.value === undefined)
      return `<rect class="gap" x="${round(middle - step * 0.39)}" y="${scale.y(0) - 3}" width="${round(step * 0.78)}" height="3"><title>${escapeXml(point.label)}: no value</title></rect>`;
    const first = bar(
      point.value,
      x,
      barWidth,
      scale,
      point.estimated ? 'bar estimated' : 'bar',
      `${point.label}: ${point.text}`,
    );
    if (!double || point.second === undefined) return first;
    return (
      first + bar(point.second, middle, barWidth, scale, 'bar second', `${point.label}: ${point.secondText ?? ''}`)
    );
  });
  return { ...spec, svg: frame(spec, scale, step, bars.join('')) };
}

/** A line through the points, broken where a value is missing. */
export function lineChart(spec: ChartSpec): Chart {
  const scale = yScale(spec.points);
  const step = plotWidth / Math.max(1, spec.points.length);
  const line = (pick: (point: ChartPoint) => number | undefined, className: string) => {
    const path = spec.points.map((point, index) => {
      const value = pick(point);
      if (value === undefined) return '';
      const before = spec.points[index - 1];
      const begins = before === undefined || pick(before) === undefined;
      return `${begins ? 'M' : 'L'}${round(left + step * (index + 0.5))} ${round(scale.y(value))}`;
    });
    return `<path class="${className}" d="${path.join('')}"/>`;
  };
  const lines = [line(point => point.value, 'line')];
  if (spec.names.length === 2) lines.push(line(point => point.second, 'line second'));
  return { ...spec, svg: frame(spec, scale, step, lines.join('')) };
}

interface Scale {
  ticks: number[];
  y(value: number): number;
}

function yScale(points: ChartPoint[]): Scale {
  const values = points.flatMap(({ value, second }) => [value ?? 0, second ?? 0]);
  const ticks = niceTicks(Math.min(0, ...values), Math.max(0, ...values));
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  return { ticks, y: value => top + plotHeight * (1 - (value - low) / (high - low)) };
}

/** Ticks at 1, 2 or 5 times a power of ten that cover low to high, zero among them. */
export function niceTicks(low: number, high: number, countMax = 6): number[] {
  // Nothing but zeros still gets an axis.
  if (low === high) return niceTicks(low, low + 1, countMax);
  const span = high - low;
  const power = 10 ** Math.floor(Math.log10(span / countMax));
  const step =
    [1, 2, 5, 10, 20].map(factor => factor * power).find(size => covers(low, high, size) <= countMax) ?? span;
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step));
  // Through toPrecision, or 0.1 × 3 would be printed as 0.30000000000000004.
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

function covers(low: number, high: number, step: number): number {
  return Math.ceil(high / step) - Math.floor(low / step) + 1;
}

function bar(value: number, x: number, barWidth: number, { y }: Scale, className: string, title: string): string {
  const [from, to] = [Math.min(y(0), y(value)), Math.max(y(0), y(value))];
  return `<rect class="${className}" x="${round(x)}" y="${round(from)}" width="${round(barWidth)}" height="${round(to - from)}"><title>${escapeXml(title)}</title></rect>`;
}

function frame(spec: ChartSpec, { ticks, y }: Scale, step: number, content: string): string {
  const grid = ticks.map(tick => {
    const at = round(y(tick));
    const line = `<line class="${tick === 0 ? 'zero' : 'grid'}" x1="${left}" x2="${width - right}" y1="${at}" y2="${at}"/>`;
    return `${line}<text x="${left - 8}" y="${at + 4}" text-anchor="end">${tick.toLocaleString('en')}</text>`;
  });
  const every = Math.max(1, Math.ceil(spec.points.length / labelsMax));
  const labels = spec.points.flatMap(({ label }, index) =>
    index % every === 0
      ? [
          `<text x="${round(left + step * (index + 0.5))}" y="${height - 8}" text-anchor="middle">${escapeXml(label)}</text>`,
        ]
      : [],
  );
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${spec.id}-title ${spec.id}-text"><title id="${spec.id}-title">${escapeXml(spec.title)}</title><desc id="${spec.id}-text">${escapeXml(spec.description)}</desc><g aria-hidden="true">${grid.join('')}<text x="${left - 8}" y="11" text-anchor="end">${escapeXml(spec.unit)}</text>${labels.join('')}</g>${content}</svg>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
