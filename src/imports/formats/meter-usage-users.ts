import type { Format } from '../format.ts';
import { customerList } from './customer-line.ts';

/** users.csv of the meter usage system (P0-07). It has no names, so an account is called by its meter. */
export const meterUsageUsers: Format = customerList({
  name: 'meter-usage-users',
  title: 'users.csv of the meter usage system',
  columns: ['identifier', 'address', 'region', 'sub_region', 'postcode', 'apartment_type'],
  rule: 'P0-07',
  customer: ({ identifier = '', address = '', region = '', sub_region = '', postcode = '', apartment_type = '' }) => ({
    name: identifier,
    address: [address, sub_region, `${region} ${postcode}`.trim()].filter(Boolean).join(', '),
    premises: { address, region, subRegion: sub_region, postcode, dwellingType: apartment_type },
    meterPoint: identifier,
  }),
});
