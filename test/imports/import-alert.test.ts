import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sendMails } from '../../src/jobs/index.ts';
import { type TestHouse, testHouse } from '../open-house.ts';

const good = `ZHV|0000475656|D0010002|D|UDMS|X|MRCY|20260303153151||||OPER|
026|1200023305967|V|
028|F75A 00802|D|
030|S|20260222000000|56311.0|||T|N|
030|S|20260322000000|56411.0|||T|N|
ZPT|0000475656|4||1|20260303153151|
`;
const environment = { OPERATOR_EMAIL: 'operations@retailer.example', PUBLIC_URL: 'https://bills.retailer.example' };

async function take({ house }: TestHouse, name: string, text: string, dryRun = false) {
  const kept = await house.importQueue.keep(chunks(text), { dryRun });
  const order = { ...kept, name, strict: false, importedBy: 'key head-end', profile: '', meterPoint: '' };
  return house.importQueue.settled(house.importQueue.order(order, { dryRun }).id);
}

async function* chunks(text: string) {
  yield Buffer.from(text);
}

const waiting = ({ house }: TestHouse) => house.outbox.list('waiting').map(({ reference }) => reference);

it('a file with bad lines is told to the operator, once, with the lines and where to look', async () => {
  const test = await testHouse({ environment });
  await take(test, 'bad.uff', good.replace('56411.0', 'many'));
  expect(waiting(test)).toEqual(['import:1']);
  expect(await sendMails(test.house)).toEqual({ sent: 1, postponed: 0, failed: 0 });
  const folder = join(test.home, 'data', 'outbox');
  const [file, ...more] = readdirSync(folder);
  expect(more).toEqual([]);
  const mail = readFileSync(join(folder, file!), 'utf8').replaceAll('=\r\n', '').replaceAll('\r\n', '\n');
  expect(mail).toContain('To: Operator <operations@retailer.example>');
  expect(mail).toContain('Subject: Import of bad.uff: 1 of its records was rejected');
  expect(mail).toMatch(/line 5: "many" is not a register reading/);
  expect(mail).toContain('https://bills.retailer.example/admin/imports/1');
});

it('a file that could not be carried out at all, and one that contradicts what is known, are told as well', async () => {
  const test = await testHouse({ environment });
  const missing = { sha256: 'a'.repeat(64), size: 1, name: 'gone.uff', strict: false, importedBy: 'cli' };
  await test.house.importQueue.settled(test.house.importQueue.order({ ...missing, profile: '', meterPoint: '' }).id);
  await take(test, 'good.uff', good);
  await take(test, 'other.uff', good.replace('56311.0', '56312.0'));
  expect(waiting(test).toSorted()).toEqual(['import:1', 'import:3']);
});

it('nobody is told of what went well, of a dry run, or where no address is set', async () => {
  const test = await testHouse({ environment });
  await take(test, 'good.uff', good);
  await take(test, 'bad.uff', good.replace('56411.0', 'many'), true);
  expect(waiting(test)).toEqual([]);
  const silent = await testHouse();
  await take(silent, 'bad.uff', good.replace('56411.0', 'many'));
  expect(waiting(silent)).toEqual([]);
});
