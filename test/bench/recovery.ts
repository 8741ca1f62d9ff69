import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { type House, openHouseInSlices } from '../../src/house.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { createLog } from '../../src/kernel/log.ts';
import { type Watched, watched } from './storage.ts';

/** What a server does while its port answers 503 already. */
export interface RecoveryResult {
  readings: number;
  /** From the database to the last reading of the journal. */
  replay: Watched;
  /** Routes and pages. */
  app: Watched;
}

const fail = (error: Error) => {
  throw error;
};

async function start(home: string): Promise<RecoveryResult> {
  const log = createLog('silent');
  let house: House | undefined;
  const config = readConfig({ WATTLEDGER_HOME: home });
  const replay = await watched(async () => {
    house = await openHouseInSlices({ config, clock: systemClock, log, onStorageFailure: fail });
  });
  const app = await watched(async () => {
    await (await createApp(house!, { log, onBrokenPromise: fail })).ready();
  });
  return { readings: house!.recovery.readings, replay, app };
}

if (import.meta.main) {
  const result = await start(process.argv[2]!);
  process.stdout.write(JSON.stringify(result), () => process.exit());
}
