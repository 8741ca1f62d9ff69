import { hairline, ink, mm, type Paper, quietInk } from './paper.ts';

export type Look = 'solid' | 'hatch' | 'outline' | 'line' | 'unknown';

export interface BarChart {
  /** The words that stand for the picture. */
  alt: string;
  unit: string;
  colour: string;
  /** What is stacked in each slot, negative values below the axis; null where nothing is known. */
  bars: ({ value: number; look: Look }[] | null)[];
  /** One for each slot; empty ones are not printed. */
  labels: string[];
  /** Steps over the bars; with a `unit` of its own it has its own axis on the right. A null is a gap. */
  line?: { values: (number | null)[]; unit?: string };
}

interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Scale {
  low: number;
  high: number;
  step: number;
}

const unknownShade = '#dfe1e4';
const axisWidth = mm(9);
const unitsHeight = 13;
const unitsWidth = 60;
const labelsHeight = 12;
const labelStyle = { size: 7.5, colour: quietInk } as const;

/** Draws the chart as vectors, every look told apart without colour. */
export function drawBarChart(paper: Paper, chart: BarChart, area: Area): void {
  paper.figure(chart.alt, area.x, area.y, area.width, area.height, () => {
    const ownAxis = chart.line?.unit !== undefined;
    const plot = {
      x: area.x + axisWidth,
      y: area.y + unitsHeight,
      width: area.width - axisWidth * (ownAxis ? 2 : 1),
      height: area.height - unitsHeight - labelsHeight,
    };
    const scale = barScale(chart, ownAxis);
    const lineScale = ownAxis ? niceScale(0, Math.max(0, ...known(chart))) : scale;
    drawGrid(paper, plot, scale);
    drawAxis(paper, scale, plot, chart.unit, area.x, 'right');
    if (ownAxis) drawAxis(paper, lineScale, plot, chart.line?.unit ?? '', plot.x + plot.width + 4, 'left');
    drawBars(paper, chart, plot, scale);
    drawLine(paper, chart, plot, lineScale);
    drawLabels(paper, chart.labels, plot);
  });
}

/** Names the looks in a row that ends at `right`. */
export function drawLegend(paper: Paper, entries: [Look, string][], right: number, y: number, colour: string): void {
  let x = right;
  for (const [look, name] of entries.toReversed()) {
    const width = paper.widthOf(name, labelStyle) + 1;
    x -= width;
    paper.line(name, x, y, width, labelStyle);
    x -= 15;
    drawLook(paper, look, { x, y: y + 2, width: 11, height: 7 }, colour);
    x -= 12;
  }
}

function barScale({ bars, ...chart }: BarChart, ownAxis: boolean): Scale {
  const ups = bars.map(stack => sum(stack, value => Math.max(value, 0)));
  const downs = bars.map(stack => sum(stack, value => Math.min(value, 0)));
  return niceScale(Math.min(0, ...downs), Math.max(0, ...ups, ...(ownAxis ? [] : known(chart))));
}

function sum(stack: { value: number }[] | null, part: (value: number) => number): number {
  return (stack ?? []).reduce((total, { value }) => total + part(value), 0);
}

function known({ line }: Pick<BarChart, 'line'>): number[] {
  return (line?.values ?? []).filter(value => value !== null);
}

/** Round steps of 1, 2 or 5, at most six of them; 0 to 1 where there is nothing to show. */
function niceScale(low: number, high: number): Scale {
  if (low === 0 && high === 0) return { low: 0, high: 1, step: 1 };
  const magnitude = 10 ** Math.floor(Math.log10((high - low) / 4));
  const step = magnitude * ([1, 2, 5].find(factor => high - low <= 5 * factor * magnitude) ?? 10);
  return { low: Math.floor(low / step) * step, high: Math.ceil(high / step) * step, step };
}

function heightOf(value: number, plot: Area, { low, high }: Scale): number {
  return plot.y + plot.height * (1 - (value - low) / (high - low));
}

function ticksOf({ low, high, step }: Scale): number[] {
  return Array.from({ length: Math.round((high - low) / step) + 1 }, (_, index) => low + index * step);
}

function drawGrid(paper: Paper, plot: Area, scale: Scale): void {
  for (const tick of ticksOf(scale)) paper.rule(plot.x, heightOf(tick, plot, scale), plot.width, hairline, 0.4);
}

function drawAxis(paper: Paper, scale: Scale, plot: Area, unit: string, x: number, align: 'left' | 'right'): void {
  const style = { ...labelStyle, align };
  const width = axisWidth - 4;
  // A unit may be wider than its axis and then reaches over the plot.
  const unitX = align === 'right' ? x : x + width - unitsWidth;
  paper.line(unit, unitX, plot.y - unitsHeight, unitsWidth, {
    ...labelStyle,
    align: align === 'right' ? 'left' : 'right',
  });
  // 1e-9: a step of 0.2 added three times is not 0.6 in binary, and a label must not show it.
  for (const tick of ticksOf(scale))
    paper.line(`${Math.round(tick * 1e9) / 1e9}`, x, heightOf(tick, plot, scale) - 4.5, width, style);
}

function drawBars(paper: Paper, { bars, colour }: BarChart, plot: Area, scale: Scale): void {
  const slot = plot.width / bars.length;
  const width = slot * 0.68;
  for (const [index, stack] of bars.entries()) {
    const x = plot.x + index * slot + (slot - width) / 2;
    if (!stack) {
      drawLook(paper, 'unknown', { ...plot, x, width }, colour);
      continue;
    }
    let [above, below] = [0, 0];
    for (const { value, look } of stack) {
      const from = value < 0 ? below : above;
      const [top, bottom] = [Math.max(from, from + value), Math.min(from, from + value)];
      const y = heightOf(top, plot, scale);
      if (value !== 0) drawLook(paper, look, { x, y, width, height: heightOf(bottom, plot, scale) - y }, colour);
      if (value < 0) below += value;
      else above += value;
    }
  }
  paper.rule(plot.x, heightOf(0, plot, scale), plot.width, quietInk, 0.7);
}

function drawLook(paper: Paper, look: Look, { x, y, width, height }: Area, colour: string): void {
  if (look === 'solid') paper.fill(x, y, width, height, colour);
  if (look === 'hatch') paper.hatch(x, y, width, height, colour);
  if (look === 'outline') paper.path([x, y, x + width, y, x + width, y + height, x, y + height, x, y], colour, 0.7);
  if (look === 'unknown') paper.fill(x, y, width, height, unknownShade);
  if (look === 'line') paper.path([x, y + height / 2, x + width, y + height / 2], ink, 1.3);
}

/** One level step in each slot, joined where neighbours are known. */
function drawLine(paper: Paper, { line, bars }: BarChart, plot: Area, scale: Scale): void {
  const slot = plot.width / bars.length;
  let points: number[] = [];
  const flush = () => {
    // Three months of days stand so close that a thick line would hide the bars.
    if (points.length > 0) paper.path(points, ink, slot < 8 ? 0.8 : 1.1);
    points = [];
  };
  for (const [index, value] of (line?.values ?? []).entries()) {
    if (value === null) {
      flush();
      continue;
    }
    const y = heightOf(value, plot, scale);
    points.push(plot.x + index * slot, y, plot.x + (index + 1) * slot, y);
  }
  flush();
}

function drawLabels(paper: Paper, labels: string[], plot: Area): void {
  const slot = plot.width / labels.length;
  for (const [index, label] of labels.entries()) {
    const width = Math.max(slot, paper.widthOf(label, labelStyle) + 1);
    // A label wider than its slot stays inside the plot.
    const x = Math.min(plot.x + (index + 0.5) * slot - width / 2, plot.x + plot.width - width);
    paper.line(label, x, plot.y + plot.height + 3, width, { ...labelStyle, align: 'center' });
  }
}
