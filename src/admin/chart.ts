/** One stack of the chart. Stacks above zero stand on each other, those below hang under the axis. */
interface ChartSeries {
  name: string;
  /** Class of its bars in admin.css. */
  tone: string;
  below: boolean;
  /** The sum in words, for the legend. */
  total: string;
}

interface ChartValue {
  /** Only for the height of a bar. */
  value: number;
  /** The value in words, exact: "12.345 kWh". */
  text: string;
  estimated: boolean;
}

/** One place on the x axis. */
interface ChartPoint {
  /** Said in the tooltip: "21 Nov 2026", "10:30". */
  label: string;
  /** Written under the axis where there is room; '' for none. */
  tick: string;
  /** One per series; undefined draws nothing: nobody's silence is shown as zero. */
  values: (ChartValue | undefined)[];
  /** Something that should be known here is not. */
  missing: boolean;
}

export interface ChartSpec {
  /** Unique on its page: title and description are referred to by id. */
  id: string;
  title: string;
  /** A sentence that says what the picture shows, for those who do not see it. */
  description: string;
  unit: string;
  /** Bars stand on each other unless it says lines, which cross each other. */
  shape?: 'lines';
  series: ChartSeries[];
  points: ChartPoint[];
}

export interface Chart extends ChartSpec {
  svg: string;
  /** The same picture for a phone, where the wide one's words would be too small to read. */
  narrowSvg: string;
  estimated: boolean;
  missing: boolean;
}

interface Size {
  name: 'wide' | 'narrow';
  width: number;
  height: number;
  left: number;
}

const wide: Size = { name: 'wide', width: 960, height: 236, left: 46 };
const narrow: Size = { name: 'narrow', width: 400, height: 240, left: 40 };
const right = 6;
const top = 22;
const bottom = 26;
// At 11 px a character is about this wide, and labels need some air between them.
const characterWidth = 6.4;
const labelGap = 10;

/** Stacked bars, estimated ones hatched, gaps marked; or lines, broken where nothing is known. Ticks at round numbers. */
export function barChart(spec: ChartSpec): Chart {
  const estimated = spec.points.some(({ values }) => values.some(value => value?.estimated));
  const missing = spec.points.some(point => point.missing);
  return { ...spec, estimated, missing, svg: draw(spec, wide), narrowSvg: draw(spec, narrow) };
}

function draw(spec: ChartSpec, size: Size): string {
  const id = `${spec.id}-${size.name}`;
  const scale = yScale(spec, size);
  const step = (size.width - size.left - right) / Math.max(1, spec.points.length);
  const content = spec.points.map((point, index) => column(spec, point, size.left + step * index, step, scale, id));
  if (spec.shape === 'lines') content.unshift(...spec.series.map((_, at) => line(spec, at, size, step, scale)));
  return `<svg class="${size.name}" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${id}-title ${id}-text"><title id="${id}-title">${escapeXml(spec.title)}</title><desc id="${id}-text">${escapeXml(spec.description)}</desc>${hatch(id)}${axes(spec, size, scale, step)}${content.join('')}</svg>`;
}

interface Scale {
  ticks: number[];
  y(value: number): number;
}

function yScale({ series, points, shape }: ChartSpec, { height }: Size): Scale {
  if (shape === 'lines') return scaleTo(0, Math.max(0, ...points.flatMap(highest)), height);
  const stack = (point: ChartPoint, below: boolean) =>
    point.values.reduce((sum, value, at) => sum + (series[at]!.below === below ? (value?.value ?? 0) : 0), 0);
  const high = Math.max(0, ...points.map(point => stack(point, false)));
  const low = -Math.max(0, ...points.map(point => stack(point, true)));
  return scaleTo(low, high, height);
}

function highest({ values }: ChartPoint): number[] {
  return values.flatMap(value => value?.value ?? []);
}

function scaleTo(low: number, high: number, height: number): Scale {
  const ticks = niceTicks(low, high);
  const [first, last] = [ticks[0]!, ticks.at(-1)!];
  const plotHeight = height - top - bottom;
  return { ticks, y: value => top + plotHeight * (1 - (value - first) / (last - first)) };
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

// More dots than these would be a thick line.
const dotsMax = 62;

/** One series as a line through the middles of its points; where nothing is known it ends and begins again. */
function line({ points, series }: ChartSpec, at: number, { left }: Size, step: number, { y }: Scale): string {
  const { tone } = series[at]!;
  const places = points.map(({ values }, index) => {
    const value = values[at];
    return value && { x: round(left + step * (index + 0.5)), y: round(y(value.value)) };
  });
  const path = places.map((place, index) => place && `${places[index - 1] ? 'L' : 'M'}${place.x} ${place.y}`);
  const alone = (index: number) => !places[index - 1] && !places[index + 1];
  const dots = places.map((place, index) =>
    place && (points.length <= dotsMax || alone(index))
      ? `<circle class="dot ${tone}" cx="${place.x}" cy="${place.y}" r="3"/>`
      : '',
  );
  return `<path class="line ${tone}" d="${path.filter(Boolean).join('')}"/>${dots.join('')}`;
}

/** All bars of one point, with one tooltip over its whole height, so that a short bar can be pointed at as well. */
function column(
  { series, shape }: ChartSpec,
  point: ChartPoint,
  x: number,
  step: number,
  { y, ticks }: Scale,
  id: string,
): string {
  const gap = Math.min(step * 0.2, 8);
  const [left, width] = [round(x + gap / 2), round(Math.max(0.5, step - gap))];
  const foot = { above: 0, below: 0 };
  const bars = point.values.map((value, at) => {
    if (!value || value.value === 0 || shape === 'lines') return '';
    const { tone, below } = series[at]!;
    const from = below ? foot.below : foot.above;
    const to = below ? from - value.value : from + value.value;
    if (below) foot.below = to;
    else foot.above = to;
    const place = `x="${left}" y="${round(Math.min(y(from), y(to)))}" width="${width}" height="${round(Math.abs(y(to) - y(from)))}"`;
    const rect = `<rect class="bar ${tone}${value.estimated ? ' estimated' : ''}" ${place}/>`;
    return value.estimated ? `${rect}<rect fill="url(#${id}-hatch)" ${place}/>` : rect;
  });
  const [topY, zeroY, bottomY] = [round(y(ticks.at(-1)!)), round(y(0)), round(y(ticks[0]!))];
  const nothing = point.values.every(value => value === undefined);
  if (point.missing && nothing)
    bars.push(
      `<rect class="gap" x="${round(x)}" y="${topY}" width="${round(step)}" height="${round(bottomY - topY)}"/>`,
      `<rect class="gap-mark" x="${left}" y="${zeroY - 2}" width="${width}" height="4"/>`,
    );
  else if (point.missing)
    bars.push(`<rect class="gap-mark" x="${left}" y="${zeroY - 2}" width="${width}" height="4"/>`);
  const words = point.values.flatMap((value, at) =>
    value ? [`${series[at]!.name} ${value.text}${value.estimated ? ' (estimated)' : ''}`] : [],
  );
  const title = `${point.label}: ${words.length > 0 ? words.join(', ') : 'no value'}${point.missing && !nothing ? ', some missing' : ''}`;
  return `<g><title>${escapeXml(title)}</title><rect class="touch" x="${round(x)}" y="${topY}" width="${round(step)}" height="${round(bottomY - topY)}"/>${bars.join('')}</g>`;
}

function hatch(id: string): string {
  return `<defs><pattern id="${id}-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch" width="2" height="5"/></pattern></defs>`;
}

function axes({ unit, points }: ChartSpec, size: Size, { ticks, y }: Scale, step: number): string {
  const grid = ticks.map(tick => {
    const at = round(y(tick));
    const line = `<line class="${tick === 0 ? 'zero' : 'grid'}" x1="${size.left}" x2="${size.width - right}" y1="${at}" y2="${at}"/>`;
    // What hangs below the axis is energy too: its size is read without a minus.
    return `${line}<text x="${size.left - 8}" y="${at + 4}" text-anchor="end">${Math.abs(tick).toLocaleString('en')}</text>`;
  });
  let free = Number.NEGATIVE_INFINITY;
  const labels = points.flatMap(({ tick }, index) => {
    const middle = size.left + step * (index + 0.5);
    const half = (tick.length * characterWidth) / 2;
    if (tick === '' || middle - half < free || middle + half > size.width) return [];
    free = middle + half + labelGap;
    return [`<text x="${round(middle)}" y="${size.height - 8}" text-anchor="middle">${escapeXml(tick)}</text>`];
  });
  const unitText = `<text x="${size.left - 8}" y="10" text-anchor="end">${escapeXml(unit)}</text>`;
  return `<g aria-hidden="true">${grid.join('')}${unitText}${labels.join('')}</g>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
