import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { hostZones } from '../under-zones.ts';

const script = fileURLToPath(new URL('print-bills.ts', import.meta.url));

it('prints the same bytes wherever the host thinks it is', () => {
  const bytes = hostZones.map(TZ =>
    execFileSync(process.execPath, [script], { env: { ...process.env, TZ }, encoding: 'utf8' }),
  );
  expect(bytes[0]?.trim().split('\n')).toHaveLength(30);
  for (const part of ['"planCode":"IO_CI_01"', '"code":"P1M.HOT.T2"', '"code":"MEAN.T2"', '"code":"DAILY"'])
    expect(bytes[0]).toContain(part);
  expect(new Set(bytes).size).toBe(1);
});
