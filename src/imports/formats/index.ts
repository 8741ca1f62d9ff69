import type { Format } from '../format.ts';
import { portalFormats } from '../profiles/portals.ts';
import { d0010 } from './d0010.ts';
import { d0036 } from './d0036.ts';
import { d0086 } from './d0086.ts';
import { d0149 } from './d0149.ts';
import { d0150 } from './d0150.ts';
import { d0275 } from './d0275.ts';
import { d0379 } from './d0379.ts';
import { espi } from './espi.ts';
import { fronius } from './fronius.ts';
import { meterUsageLog } from './meter-usage-log.ts';
import { meterUsageUsers } from './meter-usage-users.ts';
import { nem12 } from './nem12.ts';
import { nem13 } from './nem13.ts';
import { powerConsumptionAccounts } from './power-consumption-accounts.ts';
import { powerConsumptionArchive } from './power-consumption-archive.ts';
import { powerConsumptionLog } from './power-consumption-log.ts';
import { readingsCsv } from './readings-csv.ts';
import { solarEdge } from './solaredge.ts';
import { wattledgerArchive } from './wattledger-archive.ts';

/** Every format that can be imported; detection asks them in this order. */
export const formats: readonly Format[] = [
  nem12,
  nem13,
  espi,
  readingsCsv,
  wattledgerArchive,
  d0010,
  d0086,
  d0149,
  d0150,
  d0036,
  d0275,
  d0379,
  powerConsumptionArchive,
  powerConsumptionLog,
  powerConsumptionAccounts,
  meterUsageLog,
  meterUsageUsers,
  solarEdge,
  fronius,
  ...portalFormats,
];
