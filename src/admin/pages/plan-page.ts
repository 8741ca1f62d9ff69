import { showPrice } from '../../billing/invoice-words.ts';
import { showMoment } from '../../http/format.ts';
import { Refusal } from '../../kernel/errors.ts';
import { formatRate } from '../../units/rate.ts';
import { instant } from '../../units/time.ts';
import type { AdminPage } from '../page.ts';

const parent = '/admin/plans';

/** One version of a price plan in words: what is charged, when, at which price, with which tax. */
export const planPage: AdminPage = {
  url: `${parent}/:code/versions/:version`,
  title: 'Plan',
  view: 'plan',
  parent,
  role: 'viewer',
  load({ params }, { plans, zone }) {
    const { code = '', version: number = '' } = params;
    const version = /^\d{1,9}$/.test(number) ? plans.find(code, Number(number)) : undefined;
    if (!version) throw new Refusal('plan-unknown', `there is no version ${number} of plan ${code}`);
    const { plan } = version;
    return {
      title: `${plan.planCode}, version ${version.version}`,
      version,
      plan,
      savedAt: showMoment(instant(version.createdAt), zone),
      taxes: Object.entries(plan.taxes).map(([taxCode, tax]) => ({ code: taxCode, ...tax })),
      prices: plan.components
        .flatMap(({ prices }) => prices)
        .map(price => ({ ...price, unitPrice: showPrice(formatRate(price.unitPrice), plan.currency) })),
      others: plans
        .list()
        .filter(other => other.plan.planCode === code)
        .map(other => other.version),
      document: JSON.stringify(plan.document, null, 2),
    };
  },
};
