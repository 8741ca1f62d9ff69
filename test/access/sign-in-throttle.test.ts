import { describe, expect, it } from 'vitest';
import { networkOf, SignInThrottle } from '../../src/access/sign-in-throttle.ts';

const minute = 60_000;

/** Fails until refused, at one moment; returns how many tries were let through. */
function triesUntilRefused(throttle: SignInThrottle, attempt: (index: number) => [name: string, address: string]) {
  for (let index = 0; index < 200; index += 1) {
    const [name, address] = attempt(index);
    if (throttle.begin({ name, address, addressKnown: false }, 0) > 0) return index;
  }
  return 200;
}

describe('wrong passwords', () => {
  it('are free five times for one name from one address, then the wait doubles to fifteen minutes', () => {
    const throttle = new SignInThrottle();
    const attempt = { name: 'ana', address: '10.0.0.1', addressKnown: true };
    let nowMs = 0;
    const waits: number[] = [];
    for (let tries = 0; tries < 17; tries += 1) {
      const wait = throttle.begin(attempt, nowMs);
      if (wait > 0) {
        waits.push(wait);
        nowMs += wait * 1000;
        expect(throttle.begin(attempt, nowMs)).toBe(0);
      }
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
  });

  it('stop one address that tries many names, and its IPv6 neighbours', () => {
    expect(triesUntilRefused(new SignInThrottle(), index => [`user${index}`, '10.0.0.1'])).toBe(30);
    expect(triesUntilRefused(new SignInThrottle(), index => [`user${index}`, `2001:db8::${index + 1}`])).toBe(30);
    expect(triesUntilRefused(new SignInThrottle(), index => [`user${index}`, `2001:db8:0:${index + 1}::1`])).toBe(200);
  });

  it('stop many addresses that try one name, however it is written', () => {
    const spellings = ['ana', 'Ana', 'ANA'];
    expect(triesUntilRefused(new SignInThrottle(), index => [spellings[index % 3]!, `10.0.0.${index}`])).toBe(50);
  });

  it('from strangers never lock out the owner at an address they are known from', () => {
    const throttle = new SignInThrottle();
    triesUntilRefused(throttle, index => ['ana', `10.0.0.${index}`]);
    expect(throttle.begin({ name: 'ana', address: '10.9.9.9', addressKnown: false }, 0)).toBeGreaterThan(0);
    expect(throttle.begin({ name: 'ana', address: '10.9.9.9', addressKnown: true }, 0)).toBe(0);
  });

  it('tried during the wait do not make it longer', () => {
    const throttle = new SignInThrottle();
    const attempt = { name: 'ana', address: '10.0.0.1', addressKnown: true };
    for (let index = 0; index < 5; index += 1) throttle.begin(attempt, 0);
    for (let index = 0; index < 100; index += 1) expect(throttle.begin(attempt, 500)).toBe(1);
    expect(throttle.begin(attempt, 1_000)).toBe(0);
  });

  it('are forgotten after an hour of quiet, and at the right password', () => {
    const throttle = new SignInThrottle();
    const attempt = { name: 'ana', address: '10.0.0.1', addressKnown: true };
    for (let index = 0; index < 5; index += 1) throttle.begin(attempt, 0);
    expect(throttle.begin(attempt, 60 * minute)).toBe(0);
    throttle.succeeded(attempt);
    for (let index = 0; index < 5; index += 1) expect(throttle.begin(attempt, 60 * minute)).toBe(0);
  });
});

it.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['::1', '0:0:0:0'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::5', '2001:db8:0:0'],
  ['fe80:1:2:3::', 'fe80:1:2:3'],
])('the network of %s is %s', (address, network) => expect(networkOf(address)).toBe(network));
