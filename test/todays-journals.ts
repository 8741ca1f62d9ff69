import { join } from 'node:path';

/** The journals that a server started now writes in `home`: midnight may pass while it runs. */
export function todaysJournals(home: string): string[] {
  return [0, 86_400_000].map(laterMs => {
    const day = new Date(Date.now() + laterMs).toISOString().slice(0, 10);
    return join(home, 'logs', `readings-${day}.log`);
  });
}
