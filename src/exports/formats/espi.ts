import type { Series } from '../../accounts/meter-point.ts';
import { one, registerAt } from '../../accounts/register-map.ts';
import type { Quality, Reading } from '../../readings/reading.ts';
import { formatKwh, microKwh } from '../../units/energy.ts';
import { formatUtc, instant } from '../../units/time.ts';
import { type ExportedPoint, type ExportFormat, type Selection, unfit, unfitReading } from '../export-format.ts';
import { checkExchange } from '../map-states.ts';
import { readingsOf } from '../readings-of.ts';

/** uom of each unit, whose values are then written in thousandths of its base: micro-kWh are thousandths of a Wh. */
const uoms: Record<string, number> = { kWh: 72, kVArh: 73, kVAh: 71, kW: 38, kVAr: 63, kVA: 61 };
const flowDirections: Record<string, number> = { 'from-grid': 1, 'to-grid': 19, none: 2 };
/** ReadingQuality; actual is what a reading is when nothing is said. */
const qualityCodes: Partial<Record<Quality, string>> = { actual: '', missing: '', estimated: '8', substituted: '7' };
// Int48.
const valueMax = 2 ** 47 - 1;
const readingsPerBlock = 96;

/** Registers and channels as a Green Button feed; links below wattledger/ name meter point, code and meter as they are kept here. */
export const espi: ExportFormat = {
  name: 'espi',
  title: 'Green Button (XML)',
  contentType: 'application/atom+xml; charset=utf-8',
  fileName: ({ createdAt }) => `green-button_${formatUtc(createdAt).replaceAll(/[-:]/g, '')}.xml`,
  takes: () => true,
  *write(selection) {
    const updated = formatUtc(selection.createdAt);
    yield `<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n<id>urn:wattledger:readings</id>\n<title>Readings</title>\n<updated>${updated}</updated>\n`;
    for (const point of selection.points) {
      const self = `wattledger/UsagePoint/${encodeURIComponent(point.meterPoint.identifier)}`;
      const kind = '<ServiceCategory><kind>0</kind></ServiceCategory>';
      yield entry(self, [`${self}/MeterReading`], updated, content('UsagePoint', kind));
      for (const series of point.series) yield* writeSeries(selection, point, series, self, updated);
    }
    yield '</feed>\n';
  },
};

function* writeSeries(
  selection: Selection,
  point: ExportedPoint,
  series: Series,
  usagePoint: string,
  updated: string,
): Generator<string> {
  const { kind, code, serial, flow, unit } = series;
  const uom = uoms[unit];
  const direction = flowDirections[flow];
  if (uom === undefined) throw unfit('Green Button', point, series, `the unit "${unit}"`);
  if (direction === undefined || (unit !== 'kWh' && flow !== 'none'))
    throw unfit('Green Button', point, series, `the flow ${flow}`);
  const self = `${usagePoint}/MeterReading/${[kind, code, serial].map(encodeURIComponent).join(':')}`;
  const type = `${self}/ReadingType`;
  yield entry(self, [`${self}/IntervalBlock`, type], updated, '<MeterReading xmlns="http://naesb.org/espi"/>');
  const accumulation = kind === 'register' ? 9 : 4;
  const fields = { accumulationBehaviour: accumulation, flowDirection: direction, powerOfTenMultiplier: -3, uom };
  const terms = Object.entries(fields).map(([name, value]) => `<${name}>${value}</${name}>`);
  yield entry(type, [], updated, content('ReadingType', terms.join('')));
  let block: Reading[] = [];
  let number = 0;
  let previous: Reading | undefined;
  for (const reading of readingsOf(selection, series)) {
    if (kind === 'register') checkDial(point, series, previous, reading);
    previous = reading;
    if (block.length === readingsPerBlock || (block[0] && block[0].versionAt !== reading.versionAt)) {
      yield blockOf(point, series, block, `${self}/IntervalBlock/${++number}`);
      block = [];
    }
    block.push(reading);
  }
  if (block.length > 0) yield blockOf(point, series, block, `${self}/IntervalBlock/${++number}`);
}

/**
 * The standard counts what flowed: it has no word for a dial of which one unit stands for several, which powerOfTenMultiplier would turn into
 * other readings, nor for another meter under the same serial, nor for how many digits a dial has, without which one that began again would
 * be taken for one that counts backwards.
 */
function checkDial(point: ExportedPoint, series: Series, previous: Reading | undefined, reading: Reading): void {
  const refuse = (says: string) => unfitReading('Green Button', point, series, reading, says);
  const { multiplierMicro } = registerAt(series.map, reading.at);
  if (multiplierMicro !== one) throw refuse(`is counted ${formatKwh(microKwh(multiplierMicro))} times`);
  checkExchange('Green Button', point, series, previous, reading);
  if (previous && reading.value < previous.value) throw refuse('is below the reading before it');
}

function blockOf(point: ExportedPoint, series: Series, readings: Reading[], self: string): string {
  const [first, last] = [readings[0]!, readings.at(-1)!];
  const duration = last.at + last.minutes * 60 - first.at;
  const interval = `<interval><duration>${duration}</duration><start>${first.at}</start></interval>`;
  const lines = readings.map(reading => readingOf(point, series, reading));
  return entry(
    self,
    [],
    formatUtc(instant(first.versionAt)),
    content('IntervalBlock', `${interval}\n${lines.join('\n')}\n`),
  );
}

function readingOf(point: ExportedPoint, series: Series, reading: Reading): string {
  const { at, minutes, value, quality } = reading;
  const refuse = (says: string) => unfitReading('Green Button', point, series, reading, says);
  const code = qualityCodes[quality];
  if (code === undefined) throw refuse(`is of quality ${quality}`);
  if (Math.abs(value) > valueMax) throw refuse('is more than 48 bits hold');
  if (value < 0 && series.flow !== 'none') throw refuse('is below zero');
  const told = code === '' ? '' : `<ReadingQuality><quality>${code}</quality></ReadingQuality>`;
  const time = `<timePeriod><duration>${minutes * 60}</duration><start>${at}</start></timePeriod>`;
  return `<IntervalReading>${told}${time}${Number.isNaN(value) ? '' : `<value>${value}</value>`}</IntervalReading>`;
}

function content(name: string, inside: string): string {
  return `<${name} xmlns="http://naesb.org/espi">${inside}</${name}>`;
}

/** `self` and `related` are percent-encoded, so that nothing in them is XML but the apostrophe, which attributes here may have. */
function entry(self: string, related: string[], updated: string, inside: string): string {
  const up = self.slice(0, self.lastIndexOf('/'));
  const links = [
    `rel="self" href="${self}"`,
    `rel="up" href="${up}"`,
    ...related.map(href => `rel="related" href="${href}"`),
  ];
  const lines = links.map(link => `<link ${link}/>`).join('');
  return `<entry><id>urn:wattledger:${self}</id>${lines}<title/>\n<content>${inside}</content>\n<published>${updated}</published><updated>${updated}</updated></entry>\n`;
}
