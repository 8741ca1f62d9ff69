import { embeddedNetwork, supplyPerDay, threeRates } from '../tariffs/fixtures.ts';

/** Time of use, demand and a daily charge: what the benches rate. */
export const benchPlan = {
  ...embeddedNetwork,
  planCode: 'BENCH',
  displayName: 'Time of use',
  components: [
    threeRates,
    {
      kind: 'demand',
      code: 'KW',
      unitPrice: '9.5',
      tax: 'GST',
      windows: [{ days: 'WEEKDAY', from: '15:00', to: '21:00' }],
    },
    supplyPerDay('1.55'),
  ],
};
