/**
 * How much a campaign does. short: part of every `npm test`; ci: the bar of `.ci/run`; long: by hand, for hours
 * (`CAMPAIGN=long npm run crash`).
 */
const sizes = {
  short: {
    kills: 6,
    cuts: 2,
    cutsWithoutSync: 1,
    floodReadings: 20_000,
    fills: 1,
    faultsAt: [1],
    soakMinutes: 0,
    loginSeconds: 3,
    feedReadings: 150_000,
    fuzzSeconds: 0.5,
    isSearch: false,
  },
  ci: {
    kills: 100,
    cuts: 50,
    cutsWithoutSync: 3,
    floodReadings: 1_000_000,
    fills: 3,
    // The first of each kind one by one, and then along what the run does: posts, flush, maintenance, bill.
    faultsAt: [1, 2, 3, 4, 5, 6, 8, 11, 15, 21, 30, 45],
    soakMinutes: 5,
    loginSeconds: 20,
    feedReadings: 3_000_000,
    fuzzSeconds: 60,
    isSearch: false,
  },
  long: {
    kills: 1_000,
    cuts: 1_000,
    cutsWithoutSync: 10,
    floodReadings: 5_000_000,
    fills: 20,
    faultsAt: Array.from({ length: 200 }, (_, at) => at + 1),
    soakMinutes: 120,
    loginSeconds: 120,
    feedReadings: 10_000_000,
    fuzzSeconds: 3600,
    isSearch: true,
  },
} as const;

export type CampaignSize = keyof typeof sizes;

function isSize(name: string): name is CampaignSize {
  return name in sizes;
}

const named = process.env.CAMPAIGN ?? 'short';
if (!isSize(named)) throw new Error(`CAMPAIGN is short, ci or long, not "${named}"`);

export const campaign = sizes[named];
