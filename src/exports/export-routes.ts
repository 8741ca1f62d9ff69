import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Guard } from '../access/guard.ts';
import { strictQuery } from '../http/schemas.ts';
import { asKnownAt } from '../readings/known-at.ts';
import { type ExportDeps, exportReadings, type ReadingExport } from './export-readings.ts';
import { exportFormats } from './formats/index.ts';

const several = z.union([z.string(), z.array(z.string())]).optional();

/** GET /v1/readings/export. */
export function registerExportRoutes(root: FastifyInstance, deps: ExportDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: 'GET',
    url: '/v1/readings/export',
    schema: {
      tags: ['readings'],
      summary: 'Export readings as a file',
      description:
        'The current readings in [from, to), streamed. What is imported again is the same: values, qualities, versions; NEM12, NEM13 and CSV with methods and reasons, NEM13 and CSV with multipliers and digits of registers, CSV with exchanges of meters, too. D0010 holds what dials show: what they stand for is exported as D0150 (multipliers, digits, directions) and D0149 (time patterns), each of the whole map of the registers chosen, and imported before the D0010. Green Button has no word for either, so that a register with a multiplier, or one that began again, is refused. NEM12 holds whole days of UTC+10, and writes what nobody read as 0 with quality N. A reading that the format cannot say refuses the file (export-unfit).',
      produces: [...new Set(exportFormats.map(({ contentType }) => contentType.split(';')[0]!))],
      querystring: strictQuery({
        format: z.string().meta({ description: exportFormats.map(({ name }) => name).join(', '), example: 'nem12' }),
        meter_point: several.meta({ description: 'Identifier; may be repeated; every meter point when absent' }),
        code: several.meta({ description: 'Channel or register; may be repeated; every one when absent' }),
        from: z.string().optional().meta({ example: '2026-11-01T00:00:00Z' }),
        to: z.string().optional().meta({ example: '2026-12-01T00:00:00Z' }),
        as_known_at: asKnownAt,
        conflicts: z.enum(['true', 'false']).optional().meta({
          description:
            'CSV alone: what contradicts these readings and waits for a decision stands behind them with status conflict, and waits again where the file is imported; else only what is current is exported',
        }),
      }),
    },
    onRequest: guard.needsScope('readings:read'),
    handler: async ({ query }, reply) => {
      const { format, meter_point: meterPoint, code, from, to, as_known_at, conflicts } = query;
      const named = { meterPoints: listOf(meterPoint), codes: listOf(code) };
      const request = { format, ...named, from, to, asKnownAt: as_known_at, conflicts: conflicts === 'true' };
      return sendExport(reply, await exportReadings(deps, request));
    },
  });
}

/** Streams the file: the next portion is made when the last one was taken. */
export function sendExport(reply: FastifyReply, { fileName, contentType, parts }: ReadingExport): FastifyReply {
  return reply
    .type(contentType)
    .header('content-disposition', `attachment; filename="${fileName}"`)
    .header('cache-control', 'no-store')
    .send(Readable.from(parts(), { objectMode: false, highWaterMark: 65_536 }));
}

function listOf(sent: string | string[] | undefined): string[] {
  return sent === undefined ? [] : [sent].flat();
}
