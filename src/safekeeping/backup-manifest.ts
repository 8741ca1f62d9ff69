import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DamageFound } from '../kernel/errors.ts';
import { parseZone } from '../units/time.ts';

export const backupManifestName = 'backup.json';

const filePath = z
  .string()
  .regex(/^(data|archive|logs)\/[^\0]+$/)
  .refine(
    path => path.split('/').every(part => part !== '..' && part !== '.' && part !== ''),
    'a path inside the backup',
  );

const toZone = (text: string, context: z.RefinementCtx) => {
  const zone = parseZone(text);
  if (!zone) context.addIssue({ code: 'custom', message: 'not a zone' });
  return zone ?? z.NEVER;
};

const schema = z.strictObject({
  version: z.literal(1),
  takenAt: z.string(),
  // Whose days its archives are of; older backups do not say.
  zone: z.string().transform(toZone).optional(),
  journal: z.strictObject({ day: z.string(), offset: z.int(), sequence: z.int(), checksum: z.int() }),
  files: z.array(z.strictObject({ path: filePath, bytes: z.int(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })),
});

/** What a backup holds: every file with its hash, and how far its journal goes. Written last, so its presence says that all is there. */
export type BackupManifest = z.infer<typeof schema>;
export type BackedUpFile = BackupManifest['files'][number];

/** Throws DamageFound when `folder` holds no whole backup. */
export function readBackupManifest(folder: string): BackupManifest {
  const path = join(folder, backupManifestName);
  if (!existsSync(path)) {
    throw new DamageFound(
      `there is no ${backupManifestName} in ${folder}`,
      'It is not a backup, or one that was interrupted. Take another one.',
    );
  }
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const damaged = new DamageFound(`${path} cannot be read`, 'Take another backup.');
    damaged.cause = cause;
    throw damaged;
  }
}
