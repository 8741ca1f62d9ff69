import { cut } from '../problem.ts';

/** The flows next to D0010 by name, and what to do with those that are not read (D10-6). Titles as in the catalogue, version 15.4. */
interface KnownFlow {
  title: string;
  /** Left out for flows that are read. */
  instead?: string;
}

const knownFlows: Record<string, KnownFlow> = {
  D0002: {
    title: 'Fault Resolution Report or Request for Decision on Further Action',
    instead: 'it carries no readings',
  },
  D0003: { title: 'Half Hourly Advances', instead: 'ask the data collector for D0036 or D0275' },
  D0010: { title: 'Meter Readings' },
  D0036: { title: 'Validated Half Hourly Advances for Inclusion in Aggregated Supplier Matrix' },
  D0052: { title: 'Affirmation of Metering System Settlement Details', instead: 'it carries no readings' },
  D0071: {
    title: 'Customer Own Reading on Change of Supplier',
    instead: 'ask the data collector for the D0086 that answers it',
  },
  D0086: { title: 'Notification of Change of Supplier Readings' },
  D0149: { title: 'Notification of Mapping Details' },
  D0150: { title: 'Non Half-hourly Meter Technical Details' },
  D0268: {
    title: 'Half Hourly Meter Technical Details',
    instead: 'half-hours need no register map; the serial can be given with the meter point',
  },
  D0275: { title: 'Validated Half Hourly Advances' },
  D0300: {
    title: 'Disputed Readings or Missing Readings on Change of Supplier',
    instead: 'post the reading that was agreed with quality "deemed"',
  },
  D0313: { title: 'Auxiliary Meter Technical Details', instead: 'it carries no readings' },
  D0379: { title: 'Half Hourly Advances UTC' },
};

/** "D0150 (Non Half-hourly Meter Technical Details)" for "D0150002". */
export function describeFlow(flow: string): string {
  const code = flow.slice(0, 5);
  const known = knownFlow(code);
  return known ? `${code} (${known.title})` : cut(flow);
}

/** Why a flow is not read from here and what to do; a sentence's second half. */
export function adviceOf(flow: string): string {
  const known = knownFlow(flow.slice(0, 5));
  if (!known) return `the flows that are read are ${readFlows.join(', ')}`;
  return known.instead ?? 'it is read from a file of its own whose first line names it';
}

const readFlows = Object.keys(knownFlows).filter(code => knownFlows[code]!.instead === undefined);

function knownFlow(code: string): KnownFlow | undefined {
  return Object.hasOwn(knownFlows, code) ? knownFlows[code] : undefined;
}
