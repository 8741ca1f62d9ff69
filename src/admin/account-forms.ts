import type { Account, AccountClosing } from '../accounts/account.ts';
import { accountChange } from '../accounts/account-fields.ts';
import { changeAccount } from '../accounts/change-account.ts';
import { closeAccount, reopenAccount } from '../billing/close-account.ts';
import { addSupply } from '../billing/supply-contract.ts';
import { href } from '../http/href.ts';
import { Refusal } from '../kernel/errors.ts';
import { type Day, parseDay } from '../units/time.ts';
import { type FormField, type FormSpec, readForm } from './form.ts';
import type { ActionRequest, ActionResult, AdminDeps, PageAction } from './page.ts';

const parent = '/admin/accounts';

/** What is asked of a new account, and of one that changes. */
export function accountFields(account?: Account): FormField[] {
  return [
    { name: 'name', label: 'Name', value: account?.name ?? '', required: true },
    { name: 'businessNumber', label: 'Business number', value: account?.businessNumber ?? '' },
    { name: 'email', label: 'E-mail', type: 'email', value: account?.email ?? '' },
    { name: 'phone', label: 'Phone', value: account?.phone ?? '' },
    { name: 'postalAddress', label: 'Postal address', rows: 3, value: account?.postalAddress ?? '' },
  ];
}

/** The forms of an account's page, as it stands. */
export function accountForms(account: Account, closing: AccountClosing | undefined, today: Day, deps: AdminDeps) {
  const url = (name: string) => href(parent, [account.number, name]);
  const change: FormSpec = {
    ...{ name: 'change', url: url('change'), button: 'Save', hidden: { version: account.version } },
    fields: accountFields(account),
  };
  const supply: FormSpec = {
    ...{ name: 'supply', url: url('supply'), button: 'Add supply' },
    fields: [
      { name: 'meterPoint', label: 'Meter point', required: true },
      { name: 'plan', label: 'Price plan', required: true, suggestions: planCodes(deps) },
      { name: 'from', label: 'From', type: 'date', required: true, value: today },
      { name: 'to', label: 'Up to, not included', type: 'date', hint: 'Empty: it goes on.' },
    ],
  };
  const close: FormSpec = {
    ...{ name: 'close', url: url('close'), button: 'Close account' },
    fields: [
      { name: 'from', label: 'First day without supply', type: 'date', required: true, value: today },
      { name: 'confirmed', label: 'Close it although days are not billed yet', type: 'checkbox' },
    ],
  };
  const reopen: FormSpec = { name: 'reopen', url: url('reopen'), button: 'Open it again', fields: [] };
  return { change, supply, ...(closing ? { reopen } : { close }) };
}

/** What the forms ask for. */
export const accountActions: Record<string, PageAction> = {
  change: { role: 'operator', act: change },
  supply: { role: 'operator', act: supply },
  close: { role: 'operator', act: close },
  reopen: { role: 'operator', act: reopen },
};

function change({ params, form, user, now }: ActionRequest, deps: AdminDeps): ActionResult {
  const number = params.number ?? '';
  const given = readForm(accountChange, form, { version: Number(form.get('version')) });
  changeAccount(deps, number, given, { who: `user:${user.name}`, at: now });
  return { to: href(parent, [number]) };
}

function supply({ params, form, user, now }: ActionRequest, deps: AdminDeps): ActionResult {
  const number = params.number ?? '';
  const field = (name: string) => (form.get(name) ?? '').trim();
  const plan = field('plan');
  const from = dayOfField(form, 'from');
  const to = field('to') === '' ? undefined : dayOfField(form, 'to');
  if (!planCodes(deps).includes(plan)) throw wrongField('plan', `there is no plan "${plan}"`);
  const { id } = addSupply(deps, number, { meterPoint: field('meterPoint'), plan, from, to }, now);
  const detail = { supply: id, meterPoint: field('meterPoint'), plan, from, to };
  const event = { at: now, who: `user:${user.name}`, action: 'supply.add', subject: `account:${number}`, detail };
  deps.access.audit.record(event);
  return { to: `${href(parent, [number])}#supplies` };
}

function close({ params, form, user, now }: ActionRequest, deps: AdminDeps): ActionResult {
  const number = params.number ?? '';
  const closing = { from: dayOfField(form, 'from'), confirmed: form.get('confirmed') === 'true' };
  closeAccount({ ...deps, index: deps.readings }, number, closing, { who: `user:${user.name}`, at: now });
  return { to: href(parent, [number]) };
}

function reopen({ params, user, now }: ActionRequest, deps: AdminDeps): ActionResult {
  const number = params.number ?? '';
  reopenAccount({ ...deps, index: deps.readings }, number, { who: `user:${user.name}`, at: now });
  return { to: href(parent, [number]) };
}

function planCodes({ plans }: AdminDeps): string[] {
  return [...new Set(plans.list().map(({ plan }) => plan.planCode))];
}

function dayOfField(form: URLSearchParams, name: string): Day {
  const day = parseDay(form.get(name) ?? '');
  if (!day) throw wrongField(name, 'must be a day, such as 2026-11-21');
  return day;
}

function wrongField(name: string, message: string): Refusal {
  return new Refusal('body-invalid', message, [{ pointer: `/${name}`, message }]);
}
