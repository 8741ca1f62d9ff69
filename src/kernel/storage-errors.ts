import { Refusal } from './errors.ts';

const noRoom = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL']);
const broken = new Set(['EIO', 'EROFS', 'ENODEV', 'SQLITE_IOERR', 'SQLITE_CANTOPEN', 'SQLITE_READONLY']);

/**
 * The refusal for an error of the disk or of SQLite that is about the machine and not about us: 'storage-full' when space would help,
 * 'storage-failed' when it would not. undefined for any other error.
 */
export function storageRefusal(error: unknown): Refusal | undefined {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return undefined;
  // SQLITE_IOERR_WRITE and its like name the family first.
  const family = /^SQLITE_[A-Z]+/.exec(error.code)?.[0] ?? error.code;
  const isFull = noRoom.has(family);
  if (!isFull && !broken.has(family)) return undefined;
  const refusal = isFull
    ? new Refusal('storage-full', 'The disk has no room left.')
    : new Refusal('storage-failed', 'The disk does not take or give what it should.');
  refusal.cause = error;
  return refusal;
}
