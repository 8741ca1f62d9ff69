import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { House } from '../house.ts';
import { freeBytes } from '../kernel/free-room.ts';
import { outboxStates } from '../kernel/outbox-store.ts';
import { quarantineStates } from '../readings/quarantine-store.ts';

// From a sync that hits a cache to one that waits for a disk of turning plates; a bucket at each decision somebody may take.
const commitBuckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** What /metrics shows of a house. Only the length of commits is fed as it happens; all else is looked up when somebody asks. */
export function createMetrics(house: House): Registry {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const commits = new Histogram({
    name: 'wattledger_journal_commit_seconds',
    help: 'From writing a group of readings to its end on disk',
    buckets: commitBuckets,
    registers,
  });
  house.journal.onCommit = ms => commits.observe(ms / 1000);

  new Counter({
    name: 'wattledger_readings_total',
    help: 'Readings handed in over HTTP, by verdict',
    labelNames: ['verdict'],
    registers,
    collect() {
      this.reset();
      for (const [verdict, count] of Object.entries(house.tally)) this.inc({ verdict }, count);
    },
  });
  new Gauge({
    name: 'wattledger_reading_flags',
    help: 'Readings that were kept although a rule noticed something, by rule',
    labelNames: ['rule'],
    registers,
    collect() {
      for (const [rule, count] of Object.entries(house.flags.count())) this.set({ rule }, count);
    },
  });
  new Gauge({
    name: 'wattledger_quarantine_readings',
    help: 'Readings that a rule put aside, by what became of them',
    labelNames: ['state'],
    registers,
    collect() {
      for (const state of quarantineStates) this.set({ state }, house.quarantine.count({ state }));
    },
  });
  new Gauge({
    name: 'wattledger_journal_lag_groups',
    help: 'Groups of the journal that the database does not hold yet',
    registers,
    collect() {
      this.set(house.journal.position.sequence - (house.store.flushes.findPosition()?.sequence ?? 0));
    },
  });
  addJobs(house, registers);
  new Gauge({
    name: 'wattledger_outbox_messages',
    help: 'Mails by state',
    labelNames: ['state'],
    registers,
    collect() {
      for (const state of outboxStates) this.set({ state }, house.outbox.count(state));
    },
  });
  new Gauge({
    name: 'wattledger_receiving',
    help: '1 while readings are taken in, 0 after /shutdown',
    registers,
    collect() {
      this.set(house.reception.receiving ? 1 : 0);
    },
  });
  new Gauge({
    name: 'wattledger_maintenance_running',
    help: '1 while a day or month is being closed',
    registers,
    collect() {
      this.set(house.maintenance.running ? 1 : 0);
    },
  });
  new Gauge({
    name: 'wattledger_disk_free_bytes',
    help: 'What may still be written where the home is',
    registers,
    async collect() {
      this.set((await freeBytes(house.config.home)) ?? Number.NaN);
    },
  });
  return registry;
}

function addJobs({ jobRuns }: House, registers: Registry[]): void {
  new Counter({
    name: 'wattledger_job_runs_total',
    help: 'Runs of what the process does by itself',
    labelNames: ['job', 'result'],
    registers,
    collect() {
      this.reset();
      for (const [job, { succeeded, failed }] of jobRuns.list()) {
        this.inc({ job, result: 'succeeded' }, succeeded);
        this.inc({ job, result: 'failed' }, failed);
      }
    },
  });
  new Counter({
    name: 'wattledger_job_seconds_total',
    help: 'Time the runs of a job took together',
    labelNames: ['job'],
    registers,
    collect() {
      this.reset();
      for (const [job, { seconds }] of jobRuns.list()) this.inc({ job }, seconds);
    },
  });
  new Gauge({
    name: 'wattledger_job_last_seconds',
    help: 'Time the last run of a job took',
    labelNames: ['job'],
    registers,
    collect() {
      for (const [job, { lastSeconds }] of jobRuns.list()) this.set({ job }, lastSeconds);
    },
  });
}
