import type { Format } from '../format.ts';
import { customerList } from './customer-line.ts';

/** account.csv of the power consumption management API (P1-04). */
export const powerConsumptionAccounts: Format = customerList({
  name: 'power-consumption-accounts',
  title: 'account.csv of the power consumption API',
  columns: ['owner_name', 'address', 'meter_id'],
  rule: 'P1-04',
  customer: ({ owner_name = '', address = '', meter_id = '' }) => ({ name: owner_name, address, meterPoint: meter_id }),
});
