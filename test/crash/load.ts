import { Agent, request } from 'node:http';
import type { RunningServer } from '../server.ts';

const batchSize = 20;
const slotSeconds = 1800;
const begin = Date.parse('2020-01-01T00:00:00Z') / 1000;
const pageSize = 25_000;

/** What one meter sent and what was acknowledged of it, by slot: position in the array. Energies are unique to meter and slot. */
interface MeterLedger {
  meter: string;
  sent: string[];
  acknowledged: boolean[];
}

export interface Findings {
  acknowledged: number;
  /** Acknowledged, and not there. */
  lost: string[];
  /** There with another value than was sent, or beside another one. */
  changed: string[];
  /** There, and never sent. */
  phantom: string[];
}

/**
 * Meters that post batches of 20 half-hours as fast as they are answered, each batch once, with a ledger of what was sent and what
 * was acknowledged: the other side of the account that a crash must not change.
 */
export class Load {
  readonly #ledgers: MeterLedger[];
  readonly #authorization: string;
  readonly #first = Promise.withResolvers<void>();

  constructor(name: string, clients: number, key: string) {
    this.#authorization = `Bearer ${key}`;
    this.#ledgers = Array.from({ length: clients }, (_, client) => ({
      meter: `${name}-${client}`,
      sent: [],
      acknowledged: [],
    }));
  }

  async register({ url }: RunningServer): Promise<void> {
    for (const { meter } of this.#ledgers) {
      const { status } = await this.#call(url, '/v1/meter-points', { identifier: meter });
      if (status !== 201) throw new Error(`${meter} was not registered: ${status}`);
    }
  }

  /**
   * Posts until the server is gone, or until `stopped` says so, with `restMs` between two batches of a client. Resolves when every
   * client has stopped, with the batches that were answered with anything but a plain yes.
   */
  async run({ url }: RunningServer, stopped: () => boolean, restMs = 0): Promise<number> {
    let refused = 0;
    const agent = new Agent({ keepAlive: true, maxSockets: this.#ledgers.length });
    const clients = this.#ledgers.map(async ledger => {
      while (!stopped()) {
        const first = ledger.sent.length;
        const items = Array.from({ length: batchSize }, (_, at) => {
          const slot = first + at;
          // The energy says whose it is: a reading that came to another meter or slot would be seen.
          const energy = `${slot}.${this.#ledgers.indexOf(ledger) + 100}`;
          ledger.sent.push(energy);
          ledger.acknowledged.push(false);
          return { meterPoint: ledger.meter, start: begin + slot * slotSeconds, energy };
        });
        const answer = await this.#call(url, '/v1/readings', items, agent).catch(() => undefined);
        if (answer === undefined) return;
        if (answer.status !== 200 || JSON.parse(answer.text).accepted !== batchSize) {
          refused += 1;
          continue;
        }
        ledger.acknowledged.fill(true, first);
        this.#first.resolve();
        if (restMs > 0) await pause(restMs);
      }
    });
    await Promise.all(clients);
    this.#first.resolve();
    agent.destroy();
    return refused;
  }

  /** Resolves with the first acknowledgement: however slow the machine is, a cut after it meets a server at work. */
  underWay(): Promise<void> {
    return this.#first.promise;
  }

  /** Holds what the server knows against what was sent and acknowledged. */
  async compare({ url }: RunningServer): Promise<Findings> {
    const findings: Findings = { acknowledged: 0, lost: [], changed: [], phantom: [] };
    for (const { meter, sent, acknowledged } of this.#ledgers) {
      const found = await this.#listOf(url, meter, findings);
      for (const [at, energy] of found) {
        const slot = (Date.parse(at) / 1000 - begin) / slotSeconds;
        const expected = sent[slot];
        if (expected === undefined) findings.phantom.push(`${meter} ${at} ${energy}`);
        else if (Number(expected) !== Number(energy)) findings.changed.push(`${meter} ${at} ${energy}`);
      }
      acknowledged.forEach((isAcknowledged, slot) => {
        if (!isAcknowledged) return;
        findings.acknowledged += 1;
        const at = new Date((begin + slot * slotSeconds) * 1000).toISOString().replace('.000', '');
        if (!found.has(at)) findings.lost.push(`${meter} ${at}`);
      });
    }
    return findings;
  }

  async #listOf(url: string, meter: string, findings: Findings): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    const { status, text } = await this.#call(url, `/v1/meter-points/${meter}/readings?limit=${pageSize}`);
    // A power cut may undo the registration of a meter that nobody was told of.
    if (status !== 200) return found;
    for (const { start, energy, versions } of (JSON.parse(text) as { data: Listed[] }).data) {
      if (found.has(start) || versions !== undefined) findings.changed.push(`${meter} ${start} is there twice`);
      found.set(start, energy);
    }
    if (found.size === pageSize)
      throw new Error(`${meter} has more readings than one page; send fewer between crashes`);
    return found;
  }

  #call(url: string, path: string, body?: object, agent?: Agent): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        `${url}${path}`,
        {
          ...(agent && { agent }),
          method: body ? 'POST' : 'GET',
          headers: { authorization: this.#authorization, 'content-type': 'application/json' },
        },
        answer => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (part: string) => {
            text += part;
          });
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
          answer.on('error', reject);
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body && JSON.stringify(body));
    });
  }
}

interface Listed {
  start: string;
  energy: string;
  versions?: unknown;
}

/** Waits until the server has recovered and takes readings. */
export async function ready({ url, output }: RunningServer): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (
    (await fetch(`${url}/readyz`).then(
      ({ status }) => status,
      () => 0,
    )) !== 200
  ) {
    if (Date.now() > deadline) throw new Error(`the server is not ready after 30 s:\n${output()}`);
    await pause(20);
  }
}

export function sum(all: readonly Findings[]): Findings {
  return {
    acknowledged: all.reduce((total, { acknowledged }) => total + acknowledged, 0),
    lost: all.flatMap(({ lost }) => lost),
    changed: all.flatMap(({ changed }) => changed),
    phantom: all.flatMap(({ phantom }) => phantom),
  };
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
