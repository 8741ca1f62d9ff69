import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '../kernel/ids.ts';

/** The token a form carries to prove it was drawn for this session (or, before signing in, for this browser's visit). */
export function formToken(secret: string): string {
  return sha256(`form ${secret}`);
}

/** Whether it is the token for that secret; takes as long whatever is wrong with it. */
export function isFormToken(text: unknown, secret: string): boolean {
  const expected = Buffer.from(formToken(secret));
  const given = Buffer.from(typeof text === 'string' ? text : '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Whether the browser says that the request was made by a page of this host. Programs that send neither header pass. */
export function isSameOrigin(headers: Record<string, unknown>, host: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const { origin } = headers;
  return origin === undefined || (typeof origin === 'string' && URL.canParse(origin) && new URL(origin).host === host);
}
