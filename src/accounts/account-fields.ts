import { z } from 'zod';
import { line } from '../http/schemas.ts';

// What people may say of accounts and meter points, by API and in forms alike.

// A blank that came along from a cell of a spreadsheet would make a second one beside it that looks the same.
export const identifier = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,39}$/, 'letters, digits, blank . _ / -, at most 40')
  .meta({ example: '6001000017' });

const accountFacts = {
  name: line.min(1, 'must not be empty'),
  businessNumber: line,
  email: z.union([z.literal(''), z.email()], 'must be an address such as ana@example.org'),
  phone: line,
  postalAddress: z
    .string()
    .max(500)
    .regex(/^(?:\P{Cc}|\n)*$/u, 'no control characters but \\n')
    .meta({ description: 'Lines separated by \\n' }),
};

const premises = {
  address: line,
  region: line,
  subRegion: line,
  postcode: line.max(20),
  dwellingType: line.meta({ description: 'What people live or work in', example: '4-room' }),
};

/** What a change is made on: refused when somebody else was faster. */
const version = z.int().min(1).meta({ description: 'As it was read: a change of what has changed since is refused' });

export const newAccount = z.strictObject({
  number: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$/, 'letters, digits . _ -, at most 30')
    .meta({ example: 'A-1001' }),
  name: accountFacts.name,
  businessNumber: accountFacts.businessNumber.default(''),
  email: accountFacts.email.default(''),
  phone: accountFacts.phone.default(''),
  postalAddress: accountFacts.postalAddress.default(''),
});

export const accountChange = z.strictObject({ version }).extend(z.object(accountFacts).partial().shape);

export const newPremises = {
  address: premises.address.default(''),
  region: premises.region.default(''),
  subRegion: premises.subRegion.default(''),
  postcode: premises.postcode.default(''),
  dwellingType: premises.dwellingType.default(''),
};

export const meterPointChange = z.strictObject({ version }).extend(z.object(premises).partial().shape);

/** What a list may be asked. */
export const listPage = {
  search: z.string().max(100).default(''),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  offset: z.coerce.number().int().min(0).default(0),
};

/** What it answers: a page of it, and how many there are in all. */
export const listed = z.object({ data: z.array(z.looseObject({})), total: z.int() });
