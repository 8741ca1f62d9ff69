import { espi } from '../../src/imports/formats/espi.ts';

/** What became of a feed of quarter-hours whose entries say what they are of only after all of them. */
export interface FeedRead {
  readings: number;
  /** Of another value, at another time or out of order. */
  wrong: number;
  errors: number;
  complete: boolean;
  peakBytes: number;
}

const readings = Number(process.argv[2]);
const blockReadings = 96;
const beginsAt = 1_600_041_600;
const valueAt = (at: number) => (at * 7919) % 100_000;

let [seen, wrong, errors, complete] = [0, 0, 0, false];
const reader = espi.reader(
  {
    opened: () => undefined,
    intervals: ({ startsAt, energies, channel }) => {
      for (const energy of energies) {
        const at = (startsAt - beginsAt) / 900 + (seen % energies.length);
        if (at !== seen || energy !== valueAt(at) * 1000 || channel.lengthMinutes !== 15) wrong += 1;
        seen += 1;
      }
    },
    registerReading: () => undefined,
    indexRead: () => undefined,
    customer: () => undefined,
    problem: ({ severity }) => {
      if (severity === 'error') errors += 1;
    },
    closed: facts => {
      complete = facts.complete;
    },
  },
  { strict: false, fileName: '', member: '' },
);
for (const portion of feed()) reader.push(Buffer.from(portion));
for (const _ of reader.rest!());
reader.end();
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ readings: seen, wrong, errors, complete, peakBytes } satisfies FeedRead));

function* feed(): Generator<string> {
  yield '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:e="http://naesb.org/espi">';
  const point = '/UsagePoint/1';
  for (let from = 0; from < readings; from += blockReadings) {
    const rows = Array.from({ length: Math.min(blockReadings, readings - from) }, (_, slot) => {
      const at = from + slot;
      const period = `<e:start>${beginsAt + at * 900}</e:start><e:duration>900</e:duration>`;
      return `<e:IntervalReading><e:timePeriod>${period}</e:timePeriod><e:value>${valueAt(at)}</e:value></e:IntervalReading>\n`;
    });
    const links = `<link rel="self" href="${point}/MeterReading/1/IntervalBlock/${from}"/><link rel="up" href="${point}/MeterReading/1/IntervalBlock"/>`;
    yield `<entry>${links}<content><e:IntervalBlock>${rows.join('')}</e:IntervalBlock></content></entry>`;
  }
  yield `<entry><link rel="self" href="${point}/MeterReading/1"/><link rel="up" href="${point}/MeterReading"/><link rel="related" href="/ReadingType/1"/><content><e:MeterReading/></content></entry>`;
  yield '<entry><link rel="self" href="/ReadingType/1"/><content><e:ReadingType><e:accumulationBehaviour>4</e:accumulationBehaviour><e:flowDirection>1</e:flowDirection><e:uom>72</e:uom></e:ReadingType></content></entry>';
  yield `<entry><link rel="self" href="${point}"/><link rel="related" href="${point}/MeterReading"/><content><e:UsagePoint><e:ServiceCategory><e:kind>0</e:kind></e:ServiceCategory></e:UsagePoint></content></entry></feed>`;
}
