import type { Format } from '../format.ts';
import { portals } from '../profiles/portals.ts';
import { profileFormat } from '../profiles/profile-format.ts';
import { d0010 } from './d0010.ts';
import { fronius } from './fronius.ts';
import { meterUsageLog } from './meter-usage-log.ts';
import { meterUsageUsers } from './meter-usage-users.ts';
import { nem12 } from './nem12.ts';
import { nem13 } from './nem13.ts';
import { powerConsumptionAccounts } from './power-consumption-accounts.ts';
import { powerConsumptionArchive } from './power-consumption-archive.ts';
import { powerConsumptionLog } from './power-consumption-log.ts';
import { solarEdge } from './solaredge.ts';

/** Every format that can be imported; detection asks them in this order. */
export const formats: readonly Format[] = [
  nem12,
  nem13,
  d0010,
  powerConsumptionArchive,
  powerConsumptionLog,
  powerConsumptionAccounts,
  meterUsageLog,
  meterUsageUsers,
  solarEdge,
  fronius,
  ...portals.map(profileFormat),
];
