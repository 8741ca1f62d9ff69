import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Guard } from '../access/guard.ts';
import { csvLine } from '../kernel/csv.ts';
import { Refusal } from '../kernel/errors.ts';
import { formatKwh } from '../units/energy.ts';
import { addDays, dayOf, instantOfMs } from '../units/time.ts';
import type { AdminDeps } from './page.ts';
import { type UsageAsked, usageAsked } from './usage-question.ts';

const head = 'meter_point address region sub_region postcode dwelling_type flow from until kwh'.split(' ');
// A send for every meter point would cost more than its lines.
const charactersAtOnce = 32_768;

/** GET /admin/usage/file: what the page Usage shows, a line per meter point, flow and point of the line (P0-15). */
export function registerUsageFile(app: FastifyInstance, deps: AdminDeps, guard: Guard): void {
  app.get(
    '/admin/usage/file',
    { schema: { hide: true }, onRequest: guard.needsUser('viewer') },
    async (request, reply) => {
      const query = new URLSearchParams(request.url.split('?', 2)[1] ?? '');
      const asked = usageAsked(query, dayOf(instantOfMs(deps.access.clock.now()), deps.zone), deps.zone);
      if (asked.problem) throw new Refusal('period-invalid', asked.problem);
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="usage_${asked.from}_${asked.until}.csv"`)
        .header('cache-control', 'no-store')
        .send(Readable.from(portions(linesOf(deps, asked)), { objectMode: false }));
    },
  );
}

async function* linesOf({ usage }: AdminDeps, asked: UsageAsked): AsyncGenerator<string> {
  yield csvLine(head);
  for await (const { meterPoint, flow, points } of usage.rows(asked)) {
    const { identifier, address, region, subRegion, postcode, dwellingType } = meterPoint;
    const who = [identifier, address, region, subRegion, postcode, dwellingType, flow];
    let lines = '';
    for (const { from, to, energy } of points) {
      const known = energy[flow];
      if (known !== undefined) lines += csvLine([...who, from, addDays(to, -1), formatKwh(known)]);
    }
    yield lines;
  }
}

async function* portions(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let portion = '';
  for await (const each of lines) {
    portion += each;
    if (portion.length < charactersAtOnce) continue;
    yield portion;
    portion = '';
  }
  if (portion !== '') yield portion;
}
