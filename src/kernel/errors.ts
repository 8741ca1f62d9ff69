/**
 * Every way in which wattledger says no: a stable code, the HTTP status that tells the truth about it, a title, and what to do next.
 * The page /problems/CODE is made from this table, and a test checks that each code is raised somewhere and documented here. One table for
 * all rooms, because most of these are raised in several.
 */
export const refusals = {
  // Any request, and whether we can answer at all
  'body-malformed': {
    status: 400,
    title: 'The body is not well-formed',
    advice: 'Send a whole body in the form that its Content-Type and Content-Encoding say.',
  },
  'body-invalid': {
    status: 422,
    title: 'A field is missing or wrong',
    advice: 'See errors[]: each names the field by JSON pointer.',
  },
  'body-too-large': { status: 413, title: 'The body is too large', advice: 'Split it into several requests.' },
  'media-type-unsupported': {
    status: 415,
    title: 'Content-Type not supported',
    advice: 'Send application/json; readings also come as application/x-ndjson or text/csv, plain or in gzip or zstd.',
  },
  'path-malformed': {
    status: 400,
    title: 'The path is not well-formed',
    advice: 'Percent-encode it as UTF-8 and keep each part short.',
  },
  'query-unknown': {
    status: 400,
    title: 'Unknown query parameter',
    advice: 'Remove it; the OpenAPI page lists those that exist.',
  },
  'cursor-invalid': {
    status: 422,
    title: 'The cursor is not one of ours',
    advice: 'Follow the Link header as it is, or start without a cursor.',
  },
  'too-many-items': {
    status: 413,
    title: 'Too many items in one request',
    advice: 'Send at most 10,000 readings a request.',
  },
  'route-unknown': {
    status: 404,
    title: 'There is nothing here',
    advice: 'The OpenAPI page at /docs lists every path.',
  },
  'method-unknown': {
    status: 405,
    title: 'Method not allowed',
    advice: 'The OpenAPI page at /docs lists the methods of each path.',
  },
  'rate-limited': { status: 429, title: 'Too many requests', advice: 'Wait for the seconds in Retry-After.' },
  'idempotency-key-invalid': {
    status: 400,
    title: 'The Idempotency-Key is not well-formed',
    advice: 'Send 1 to 255 printable ASCII characters without spaces, such as a UUID.',
  },
  'idempotency-key-in-flight': {
    status: 409,
    title: 'The same request is being carried out',
    advice: 'Wait a moment and send it again with the same key: its answer will be given.',
  },
  'idempotency-outcome-unknown': {
    status: 409,
    title: 'A request with this key was interrupted',
    advice: 'Look whether what it asked for was done; if not, send it again with a new key.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'The Idempotency-Key belongs to another request',
    advice: 'Take a new key for every new request; repeat a request with its own body and key.',
  },
  'not-ready': {
    status: 503,
    title: 'Starting: the journal is being replayed',
    advice: 'Try again in the seconds named by Retry-After.',
  },
  'storage-failed': {
    status: 503,
    title: 'Readings cannot be stored at the moment',
    advice: 'Nothing of this request is acknowledged. Send it again in the seconds named by Retry-After.',
  },
  'storage-full': {
    status: 507,
    title: 'The disk is full',
    advice: 'Nothing of this request is acknowledged. Make room on the disk; no restart is needed. Then send it again.',
  },
  internal: {
    status: 500,
    title: 'Something broke on our side',
    advice: 'Nothing was lost. Quote the request id to the operator.',
  },

  // Keys, users, forms
  'key-missing': {
    status: 401,
    title: 'An API key is needed',
    advice: 'Send "Authorization: Bearer KEY"; make a key with "npx wattledger key create".',
  },
  'key-unknown': {
    status: 401,
    title: 'The API key is not valid',
    advice: 'Check for a cut-off copy, or make a new key.',
  },
  'key-not-found': { status: 404, title: 'There is no such API key', advice: 'List the keys to see their numbers.' },
  'scope-missing': {
    status: 403,
    title: 'The API key may not do this',
    advice: 'Make a key whose --scopes include the one named here.',
  },
  'scope-unknown': {
    status: 422,
    title: 'There is no such scope',
    advice: 'Use scopes from the list in the message, or "*" for all.',
  },
  'user-unknown': { status: 404, title: 'There is no such user', advice: 'Check the name.' },
  'user-exists': {
    status: 409,
    title: 'There is already a user of this name',
    advice: 'Choose another name; upper and lower case count as the same.',
  },
  'user-last-admin': {
    status: 409,
    title: 'Somebody must be left who may administer',
    advice: 'Make another administrator first.',
  },
  'password-weak': {
    status: 422,
    title: 'The password is too easy to guess',
    advice: 'Take at least 12 characters; several words are fine. Leave it out to have one made.',
  },
  'sign-in-failed': {
    status: 401,
    title: 'The name or the password is wrong',
    advice: 'Try again; an administrator can set a new password.',
  },
  'sign-in-throttled': {
    status: 429,
    title: 'Too many wrong passwords',
    advice: 'Wait for the seconds in Retry-After, then try again.',
  },
  'role-missing': {
    status: 403,
    title: 'Your role may not do this',
    advice: 'Ask an administrator to do it or to change your role.',
  },
  'form-stale': {
    status: 403,
    title: 'This form did not come from your session',
    advice: 'Go back, reload the page and send the form again.',
  },

  // Accounts, meter points, supplies
  'account-unknown': { status: 404, title: 'No such account', advice: 'GET /v1/accounts lists them.' },
  'account-exists': {
    status: 409,
    title: 'The account exists already',
    advice: 'Use another number, or change the existing one.',
  },
  'account-closed': {
    status: 409,
    title: 'The account is closed',
    advice: 'Name days before it closed, or open it again first.',
  },
  'account-state-unchanged': {
    status: 409,
    title: 'The account is in that state already',
    advice: 'GET /v1/accounts/NUMBER says since when.',
  },
  'edit-stale': {
    status: 409,
    title: 'Somebody else changed it meanwhile',
    advice: 'Read it again, see what was changed, and make your change on what stands there now.',
  },
  'meter-point-unknown': {
    status: 404,
    title: 'No such meter point',
    advice: 'Register it first: POST /v1/meter-points.',
  },
  'meter-point-exists': { status: 409, title: 'The meter point exists already', advice: 'Use it as it is.' },
  'series-unknown': {
    status: 404,
    title: 'No such register or channel',
    advice: 'GET /v1/meter-points/ID lists them; add one with POST /v1/meter-points/ID/series.',
  },
  'series-exists': { status: 409, title: 'The register or channel exists already', advice: 'Use it as it is.' },
  'supply-unknown': {
    status: 404,
    title: 'No such supply',
    advice: 'GET /v1/accounts/NUMBER lists the supplies of an account with their ids.',
  },
  'supply-overlaps': {
    status: 409,
    title: 'Two supplies on one day',
    advice: 'End the earlier supply before the new one starts.',
  },

  // Readings
  'timestamp-invalid': {
    status: 422,
    title: 'Not a time',
    advice: 'Write 2026-11-21T10:30:00Z, or with an offset, or as Unix seconds.',
  },
  'value-invalid': {
    status: 422,
    title: 'Not a decimal number',
    advice: 'Send a number or a decimal string such as "123.456".',
  },
  'value-negative': {
    status: 422,
    title: 'Energy below zero',
    advice: 'Send energy to the grid on a channel of its own, as a positive number.',
  },
  'value-too-precise': {
    status: 422,
    title: 'More than six decimals of a kWh',
    advice: 'Round to 0.000001 kWh before sending.',
  },
  'reading-before-1970': {
    status: 422,
    title: 'The reading is before 1970',
    advice: "Check the meter's clock and how the time is written.",
  },
  'reading-from-the-future': {
    status: 422,
    title: 'The reading is later than now',
    advice: "Check the meter's clock and zone; up to half an hour ahead is accepted.",
  },
  'reading-goes-backwards': {
    status: 422,
    title: 'The register counts down',
    advice:
      'Check the value. If the register passed its end, tell its digits with PUT /v1/meter-points/ID/register-map; if the meter was exchanged, tell it with POST /v1/meter-points/ID/exchanges.',
  },
  'reading-beyond-exchange': {
    status: 422,
    title: 'The register contradicts an exchange of its meter',
    advice:
      'GET /v1/meter-points/ID shows what was told of the exchange: the old dial ends with its final value, the new one begins with its first. If the exchange is wrong, tell it again with POST /v1/meter-points/ID/exchanges for the same moment, then send the reading again.',
  },
  'reading-rollover': {
    status: 422,
    title: 'The register begins again at zero',
    advice: 'READING_RULES refuses rollovers here: ask the operator to look at the register.',
  },
  'reading-exchange': {
    status: 422,
    title: 'The first value after an exchange of the meter',
    advice: 'READING_RULES refuses these here: ask the operator to look at the exchange.',
  },
  'reading-spike': {
    status: 422,
    title: 'Far above what the channel usually measures',
    advice: 'READING_RULES refuses this here: check the value; if it is right, ask the operator to let it in.',
  },
  'reading-off-the-grid': {
    status: 422,
    title: 'Not the start of an interval',
    advice:
      'Send the start of the interval, counted from local midnight. A channel has intervals of 30 minutes unless it was added with others, by POST /v1/meter-points/ID/series, or changed to them, by PATCH.',
  },
  'reading-conflict': {
    status: 409,
    title: 'Another value is known for this instant',
    advice: 'Both are kept and a person decides; the first stays current until then.',
  },
  'batch-refused': {
    status: 422,
    title: 'Not all of the readings can be accepted',
    advice: 'Mend or leave out those in errors[], or send them without atomic=true.',
  },
  'conflict-unknown': {
    status: 404,
    title: 'There is no such conflict',
    advice: 'GET /v1/conflicts lists those that are open.',
  },
  'conflict-decided': {
    status: 409,
    title: 'The conflict was decided the other way',
    advice: 'Look at the readings of the meter point: what is current now stands there, with its versions.',
  },
  'quarantine-unknown': {
    status: 404,
    title: 'There is no such reading in quarantine',
    advice: 'GET /v1/quarantine lists them with their numbers.',
  },
  'reception-off': {
    status: 503,
    title: 'Readings are not taken in for the moment',
    advice: 'Keep them and send them again in the seconds named by Retry-After; POST /resume turns reception on.',
  },
  'reception-unchanged': {
    status: 400,
    title: 'Reception is in that state already',
    advice: 'GET /maintenance/status says which.',
  },

  // Files that come in
  'file-missing': {
    status: 422,
    title: 'No file was sent',
    advice: 'Send the bytes of one file as the body, or several as multipart/form-data.',
  },
  'archive-unsafe': {
    status: 413,
    title: 'The archive unpacks to too much',
    advice: 'Split it into several archives, or send the files one by one.',
  },
  'archive-damaged': {
    status: 422,
    title: 'The archive cannot be unpacked',
    advice: 'Fetch it again from its sender; it may have been cut off on the way.',
  },
  'import-unknown': { status: 404, title: 'No such import', advice: 'The page Imports lists them.' },
  'import-not-cancellable': {
    status: 409,
    title: 'The import can no longer be cancelled',
    advice: 'What is over stays as it is; a strict import is all or nothing and ends its taking in.',
  },
  'import-not-undoable': {
    status: 409,
    title: 'This import cannot be undone',
    advice: 'Wait until it is over. A dry run changed nothing.',
  },
  'import-undone': {
    status: 409,
    title: 'The import was undone already',
    advice: 'Import the file again to have its readings back.',
  },
  'import-interrupted': {
    status: 503,
    title: 'The server stopped in the middle of the import',
    advice: 'Nothing is lost: it goes on by itself at the next start of the server.',
  },
  'import-abandoned': {
    status: 422,
    title: 'The import was given up',
    advice:
      'The process ended several times while it was under way. See the log; import the file again once the cause is gone.',
  },
  'import-bytes-gone': {
    status: 410,
    title: 'The bytes of the import are gone',
    advice: 'They stood in data/imports under their SHA-256: restore them from a backup, or import the file again.',
  },
  'import-profile-unknown': {
    status: 404,
    title: 'No such mapping profile',
    advice: 'GET /v1/import-profiles lists them; POST one, or let POST /v1/import-profiles/guess propose it.',
  },
  'import-profile-taken': {
    status: 409,
    title: 'The name of the mapping profile is taken',
    advice: 'PUT makes a new version of one that somebody saved; those that come with the house stay as they are.',
  },
  'source-unknown': {
    status: 422,
    title: 'There is no such source of readings',
    advice: 'Name an import as import:RUN, an API key as key:NAME, or current for what stands now.',
  },

  // Energy over a period, and files that go out
  'period-unknown': {
    status: 400,
    title: 'No such period',
    advice: 'Use last_30min, today, this_week, this_month or last_month.',
  },
  'period-invalid': {
    status: 422,
    title: 'Not a period that can be shown',
    advice:
      'Name a period, or give from and to on interval boundaries, from before to, and not too long for the grouping.',
  },
  'readings-missing': {
    status: 404,
    title: 'Not enough readings',
    advice: 'A register needs a reading at both ends of the period.',
  },
  'export-unfit': {
    status: 422,
    title: 'The format cannot say what was read',
    advice: 'Leave out what the message names, or export as CSV, which holds everything that is known.',
  },
  'export-empty': {
    status: 404,
    title: 'There is nothing to export',
    advice: 'Check the meter points, codes and times; NEM12 takes channels, NEM13 and D0010 take registers.',
  },
  'export-format-unknown': {
    status: 422,
    title: 'There is no such export format',
    advice: 'Use one of those the message lists.',
  },

  // Price plans, and what cannot be rated by them
  'plan-unknown': { status: 404, title: 'No such price plan', advice: 'Check the plan code and the version.' },
  'plan-invalid': {
    status: 422,
    title: 'The price plan is not valid',
    advice: 'See errors[]: each names its place in the plan document. Correct the document and send it again.',
  },
  'plan-currency': {
    status: 422,
    title: 'The plan is in another currency than the books',
    advice: 'Give its prices in the currency that CURRENCY names; one installation keeps its books in one.',
  },
  'plan-import-refused': {
    status: 422,
    title: 'The plan of another standard cannot be taken over as it is',
    advice:
      'See errors[]: each names its place in the source. Answer what is asked, or remove what you know to be of no account.',
  },
  'plan-not-in-force': {
    status: 409,
    title: 'No price plan is in force on a day of the period',
    advice: 'Add a plan version that covers the day named here, or move the supply to another plan.',
  },
  'plan-misfit': {
    status: 409,
    title: 'The plan is meant for other customers',
    advice: 'Move the supply to a plan for this kind of customer and place, or correct what its contract says.',
  },
  'plans-differ': {
    status: 409,
    title: 'The plans of one bill differ in currency or tax basis',
    advice: 'Bill the two parts of the period apart.',
  },
  'override-stale': {
    status: 409,
    title: "A contract's own price no longer fits the plan",
    advice: 'The message says what the plan says now; agree on the difference again.',
  },
  'register-missing': {
    status: 409,
    title: 'The plan prices a register that the site does not have',
    advice: 'Add the register, choose another plan, or say "optional": true in the plan for sites without it.',
  },
  'intervals-missing': {
    status: 409,
    title: 'Intervals are missing in the period',
    advice: 'Wait for the readings, or fill the gap by a named method; a missing interval is never priced as zero.',
  },
  'intervals-misaligned': {
    status: 409,
    title: 'An interval lies across two days or two prices',
    advice: "Supply shorter intervals, or choose a plan whose windows begin and end on the intervals' own boundaries.",
  },
  'fact-missing': {
    status: 409,
    title: 'The plan needs a fact that was not given',
    advice: 'Give what the message names: it comes from earlier bills, from the contract or from a list of events.',
  },
  'quantity-unbillable': {
    status: 409,
    title: 'A quantity is no amount that can be billed',
    advice:
      'Look at the readings and at what the contract says: a number in them is far too large, or no whole one where pieces are counted.',
  },
  'holidays-unknown': {
    status: 409,
    title: 'The plan needs public holidays that are not known',
    advice: 'Add the days of the period to the holiday calendar named here.',
  },
  'second-opinion-differs': {
    status: 500,
    title: 'Two ways of rating disagree',
    advice: 'The bill is parked. This is a fault of ours: report the plan and the period.',
  },

  // Bills and payments
  'bill-case-invalid': {
    status: 422,
    title: 'The bill case does not fit together',
    advice: 'test/bill-cases/README.md describes the shape of a case.',
  },
  'draft-unknown': { status: 404, title: 'No such draft', advice: 'It may have been issued; run the bills again.' },
  'days-billed': {
    status: 409,
    title: 'These days are billed already',
    advice: 'What an issued invoice said stays. Name days that are not billed yet.',
  },
  'days-unbilled': {
    status: 409,
    title: 'Days are not billed yet',
    advice:
      'Bill them first, or say that you know ("confirmed": true): days before the closing are billed by the next bill run.',
  },
  'invoice-unknown': { status: 404, title: 'No such invoice', advice: 'GET /v1/invoices lists them.' },
  'invoice-line-unknown': {
    status: 404,
    title: 'The invoice has no such line',
    advice: 'Lines are counted from 1 over the whole invoice.',
  },
  'rebill-candidate-unknown': {
    status: 404,
    title: 'There is no such open rebill candidate',
    advice: 'GET /v1/rebill-candidates lists those that are open.',
  },
  'payment-conflict': {
    status: 409,
    title: 'Another payment has this key',
    advice: 'Send a retry with the same content; give another payment another key.',
  },

  // The house: maintenance, backups, what a home remembers
  'maintenance-running': {
    status: 400,
    title: 'Maintenance is running already',
    advice: 'Wait until GET /maintenance/status says that it is over.',
  },
  'maintenance-under-way': {
    status: 503,
    title: 'Not during maintenance',
    advice: 'Try again in the seconds named by Retry-After.',
  },
  'backup-folder-taken': {
    status: 409,
    title: 'The folder for the backup is no empty folder',
    advice: 'Name a folder that does not exist yet; each backup has one of its own.',
  },
  'home-taken': {
    status: 409,
    title: 'There is a home at that place already',
    advice: 'Restore to an empty folder, and move it to its place afterwards.',
  },
  'home-setting-differs': {
    status: 409,
    title: 'The environment says something else than the home remembers',
    advice:
      'Leave the variable out, or set it to what the home remembers. To change that on purpose, stop the server and see: wattledger home --help',
  },
  'home-currency-kept': {
    status: 409,
    title: 'The books hold amounts in the currency they were begun in',
    advice: 'Amounts are never rewritten. Begin another home for books in another currency.',
  },

  // Paths of the predecessors
  'meter-id-taken': {
    status: 400,
    title: 'The meter is registered already',
    advice: 'Use it as it is. /v1/meter-points answers 409 in this case.',
  },
  'timestamp-off-half-hour': {
    status: 400,
    title: 'Not on the hour or half hour',
    advice: 'Send HH:00:00 or HH:30:00 in the zone of the meter.',
  },
} as const satisfies Record<string, RefusalKind>;

interface RefusalKind {
  status: number;
  title: string;
  advice: string;
}

export type RefusalCode = keyof typeof refusals;

/** One wrong field: a JSON pointer into the body, or a parameter's name, and what is wrong with it. */
export interface FieldProblem {
  pointer: string;
  message: string;
}

/** A named no. Thrown for a single request; in a batch the code stands in the item's verdict instead. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: RefusalCode;
  readonly fields: FieldProblem[];

  constructor(code: RefusalCode, detail: string, fields: FieldProblem[] = []) {
    super(detail);
    this.code = code;
    this.fields = fields;
  }

  get status(): number {
    return refusals[this.code].status;
  }
}

/** What is stored cannot be trusted: the process must not start, or must stop. `advice` says what a person can do. */
export class DamageFound extends Error {
  override name = 'DamageFound';
  readonly advice: string;

  constructor(what: string, advice: string) {
    super(what);
    this.advice = advice;
  }
}
