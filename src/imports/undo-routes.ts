import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Access } from '../access/access.ts';
import { callerOf, type Guard } from '../access/guard.ts';
import { strictQuery } from '../http/schemas.ts';
import type { Clock } from '../kernel/clock.ts';
import { formatUtc, instant, instantOfMs } from '../units/time.ts';
import type { ImportUndos } from './import-undos.ts';

export interface UndoRouteDeps {
  importUndos: ImportUndos;
  access: Access;
  clock: Clock;
}

const undoAnswer = z
  .object({
    import: z.int(),
    dryRun: z.boolean(),
    gone: z.int().meta({ description: 'Readings of this import where nothing stands any more' }),
    returned: z.int().meta({ description: 'Readings of this import where an earlier value is current again' }),
    beside: z.int().meta({ description: 'Readings that this import had brought beside other current ones' }),
    facts: z.int().meta({ description: 'What this import had told of registers: it holds no more' }),
    billed: z
      .array(z.object({ meterPoint: z.string(), code: z.string(), invoice: z.string(), readings: z.int() }))
      .meta({
        description: 'What stays, because an issued invoice covers it; 0 readings: what was told of the register',
      }),
    readAgain: z
      .array(z.int())
      .meta({ description: 'Later imports that met these readings: their files are read again' }),
    undoneAt: z.string().optional(),
  })
  .meta({ id: 'ImportUndo' });

/** POST /v1/imports/:id/undo. */
export function registerUndoRoutes(root: FastifyInstance, deps: UndoRouteDeps, guard: Guard): void {
  const app = root.withTypeProvider<ZodTypeProvider>();
  app.post('/v1/imports/:id/undo', {
    schema: {
      tags: ['imports'],
      summary: 'Take an import back: everything stands as if it had not been there',
      description:
        'What it replaced is current again, later imports that met its readings are read again, and its own readings stay in the history. Readings that an issued invoice covers stay, and are listed. Importing the file again afterwards works. dry_run says what would happen and changes nothing.',
      params: z.object({ id: z.coerce.number().int() }),
      querystring: strictQuery({ dry_run: z.enum(['true', 'false']).optional() }),
      response: { 200: undoAnswer },
    },
    onRequest: guard.needsScope('imports:write'),
    handler: async request => {
      const { id } = request.params;
      if (request.query.dry_run === 'true')
        return { import: id, dryRun: true, ...(await deps.importUndos.preview(id)) };
      const { report, finishedAt } = await undoRecorded(deps, id, callerOf(request));
      return { import: id, dryRun: false, ...report!, undoneAt: formatUtc(instant(finishedAt!)) };
    },
  });
}

/** Takes an import back and writes who did it into the audit trail. */
export async function undoRecorded({ importUndos, access, clock }: UndoRouteDeps, id: number, who: string) {
  const undo = await importUndos.undo(id, who);
  const at = instantOfMs(clock.now());
  access.audit.record({ at, who, action: 'import.undo', subject: `import:${id}`, detail: { ...undo.report } });
  return undo;
}
