import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openAccess } from '../../src/access/access.ts';
import { createApiKey } from '../../src/access/create-api-key.ts';
import { MeterPointStore } from '../../src/accounts/meter-point-store.ts';
import { folders } from '../../src/config.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { openDatabase } from '../../src/kernel/database.ts';
import { parseZone } from '../../src/units/time.ts';
import { meterName } from './load.ts';

export interface BenchHome {
  path: string;
  /** May write and read everything. */
  key: string;
  remove: () => void;
}

/** A home of its own under the project's data/: the system's temporary folder may be memory, and memory syncs for free. */
export function makeHome(meters: number): BenchHome {
  const data = fileURLToPath(new URL('../../data', import.meta.url));
  mkdirSync(data, { recursive: true });
  const path = mkdtempSync(join(data, 'bench-'));
  const database = openDatabase(join(folders(path).data, 'wattledger.db'));
  const points = new MeterPointStore(database);
  const zone = parseZone('UTC')!;
  const channel = { kind: 'channel' as const, code: 'E1', flow: 'from-grid' as const, intervalMinutes: 30 };
  database.transaction(() => {
    for (let meter = 0; meter < meters; meter++)
      points.addWithSeries({ identifier: meterName(meter), address: '', zone, origin: 'registered' }, [channel], 0);
  })();
  const { secret } = createApiKey(openAccess(database, systemClock), { name: 'bench', scopes: ['*'], by: 'bench' });
  database.close();
  return { path, key: secret, remove: () => rmSync(path, { recursive: true, force: true }) };
}
