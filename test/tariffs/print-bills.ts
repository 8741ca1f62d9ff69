// Rates one site in several zones and prints the bills: host-zone.test.ts runs it under several TZ values and compares the bytes.
import { bytesOf, embeddedNetwork, rateSketch, seriesOf } from './fixtures.ts';

for (const zone of [
  'Australia/Adelaide',
  'Australia/Lord_Howe',
  'Europe/London',
  'America/New_York',
  'Asia/Kathmandu',
]) {
  for (const [from, to] of [
    ['2025-03-01', '2025-04-10'],
    ['2025-09-20', '2025-11-05'],
  ] as const) {
    const energy = ({ minute, weekday, slot }: { minute: number; weekday: number; slot: number }) =>
      ((slot * 7_919) % 1_000_003) + minute * weekday;
    const series = seriesOf(from, to, zone, energy);
    console.log(
      bytesOf(rateSketch({ plan: embeddedNetwork, zone, from, to, registers: { IMPORT: series, SOLAR: series } })),
    );
  }
}
