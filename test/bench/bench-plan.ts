/** Time of use, demand and a daily charge: what the benches rate. */
export const benchPlan = {
  planCode: 'BENCH',
  displayName: 'Time of use',
  currency: 'AUD',
  taxBasis: 'EXCLUSIVE',
  taxes: { GST: { name: 'GST', percent: '10' } },
  effectiveFrom: '2020-01-01',
  dayTypes: { WEEKDAY: ['MON', 'TUE', 'WED', 'THU', 'FRI'], WEEKEND: ['SAT', 'SUN'] },
  components: [
    {
      kind: 'energy',
      code: 'USE',
      description: 'From grid',
      register: 'IMPORT',
      tax: 'GST',
      rates: [
        { code: 'PEAK', unitPrice: '0.40', windows: [{ from: '17:00', to: '21:00' }] },
        { code: 'SHOULDER', unitPrice: '0.295', windows: [{ days: 'WEEKDAY', from: '07:00', to: '17:00' }] },
        {
          code: 'OFF_PEAK',
          unitPrice: '0.21',
          windows: [
            { from: '21:00', to: '07:00' },
            { days: 'WEEKEND', from: '07:00', to: '17:00' },
          ],
        },
      ],
    },
    {
      kind: 'demand',
      code: 'KW',
      unitPrice: '9.5',
      tax: 'GST',
      windows: [{ days: 'WEEKDAY', from: '15:00', to: '21:00' }],
    },
    { kind: 'supply', code: 'SUPPLY', amount: '1.55', per: 'DAY', tax: 'GST' },
  ],
};
