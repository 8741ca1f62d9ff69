import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { closeHouse, openHouse } from '../../src/house.ts';
import { StoppedClock } from '../../src/kernel/clock.ts';
import { createLog } from '../../src/kernel/log.ts';
import { Schedule } from '../../src/kernel/schedule.ts';
import { testFolder, testHouse } from '../open-house.ts';

async function appWith(environment: Record<string, string>) {
  const log = createLog('silent');
  const config = readConfig({ WATTLEDGER_HOME: testFolder(), ...environment });
  const house = openHouse({ config, clock: new StoppedClock('2026-11-21T10:00:00Z'), log, onStorageFailure: () => {} });
  const app = await createApp(house, { log, onBrokenPromise: () => {} });
  return {
    app,
    house,
    close: async () => {
      await app.close();
      await closeHouse(house);
    },
  };
}

describe('/readyz', () => {
  it('says ready when the journal can be written', async () => {
    const { app } = await testHouse();
    const answer = await app.inject('/readyz');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ status: 'ready', checks: { journal: 'ok', disk: 'ok', sync: 'ok' } });
  });

  it('answers 503 when the disk is nearly full', async () => {
    const { app, close } = await appWith({ DISK_FREE_MIN_MB: '100000000' });
    const answer = await app.inject('/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ status: 'not ready', checks: { disk: 'low', journal: 'ok' } });
    await close();
  });

  it('answers 503 while a sync takes too long, and the length of the last one says so', async () => {
    const { app, house, close } = await appWith({ SYNC_MS_MAX: '200' });
    Object.defineProperty(house.journal, 'syncMs', { value: 201, configurable: true });
    expect((await app.inject('/readyz')).json()).toMatchObject({ checks: { sync: 'slow' } });
    Object.defineProperty(house.journal, 'syncMs', { value: 199 });
    expect((await app.inject('/readyz')).statusCode).toBe(200);
    await close();
  });

  it('knows how long a sync took', async () => {
    const { house } = await testHouse();
    const seen: number[] = [];
    house.journal.onCommit = ms => seen.push(ms);
    house.journal.append('v 1 1795257000 1 0 0 1 0 0 1795257003 0');
    await house.journal.durable();
    expect(seen).toHaveLength(1);
    expect(house.journal.syncMs).toBe(seen[0]);
    expect(house.journal.syncMs).toBeGreaterThan(0);
  });
});

describe('/metrics', () => {
  it('counts verdicts, commits, the journal ahead of the store, jobs and mails', async () => {
    const test = await testHouse();
    const authorization = test.authorization();
    const post = (body: object) =>
      test.app.inject({ method: 'POST', url: '/v1/readings', headers: { authorization }, payload: body });
    await test.app.inject({
      method: 'POST',
      url: '/v1/meter-points',
      headers: { authorization },
      payload: { identifier: 'm-1' },
    });
    const reading = { meterPoint: 'm-1', at: '2026-11-21T10:00:00Z', value: '5' };
    await post(reading);
    await post([reading, { ...reading, value: '6' }, { ...reading, meterPoint: 'm-2' }]);
    const schedule = new Schedule(test.house.log, test.house.jobRuns);
    schedule.start([
      { name: 'good', what: '', everySeconds: 1000, atStart: true, run: async () => undefined },
      { name: 'bad', what: '', everySeconds: 1000, atStart: true, run: () => Promise.reject(new Error('no')) },
    ]);
    await schedule.stop();
    const answer = await test.app.inject('/metrics');
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
    for (const line of [
      'wattledger_readings_total{verdict="accepted"} 1',
      'wattledger_readings_total{verdict="duplicate"} 1',
      'wattledger_readings_total{verdict="conflict"} 1',
      'wattledger_readings_total{verdict="rejected"} 1',
      'wattledger_journal_commit_seconds_count 2',
      'wattledger_journal_lag_groups 2',
      'wattledger_job_runs_total{job="good",result="succeeded"} 1',
      'wattledger_job_runs_total{job="bad",result="failed"} 1',
      'wattledger_outbox_messages{state="waiting"} 0',
      'wattledger_receiving 1',
    ]) {
      expect(answer.body.split('\n')).toContain(line);
    }
    const again = await test.app.inject('/metrics');
    expect(again.body).toContain('wattledger_readings_total{verdict="accepted"} 1\n');
  });

  it('may be for this machine alone, or for nobody', async () => {
    const local = await appWith({ METRICS: 'loopback' });
    expect((await local.app.inject('/metrics')).statusCode).toBe(200);
    expect((await local.app.inject({ url: '/metrics', remoteAddress: '192.0.2.7' })).statusCode).toBe(404);
    await local.close();
    const off = await appWith({ METRICS: 'off' });
    expect((await off.app.inject('/metrics')).statusCode).toBe(404);
    await off.close();
  });
});
