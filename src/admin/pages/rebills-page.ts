import { showMoney } from '../../billing/invoice-words.ts';
import { previewCorrection } from '../../billing/preview-correction.ts';
import { dismissRebill, energyChanges, whyOf } from '../../billing/rebill-routes.ts';
import { showEnergy, showKwh, showMoment } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { Refusal } from '../../kernel/errors.ts';
import { microKwh } from '../../units/energy.ts';
import type { AdminDeps, AdminPage } from '../page.ts';

const url = '/admin/rebills';
const shownMax = 50;

/** Issued invoices whose readings changed since: what changed, what a correction would come to, and leaving it as it is. */
export const rebillsPage: AdminPage = {
  url,
  title: 'Rebill candidates',
  view: 'rebills',
  menu: 'Rebills',
  role: 'viewer',
  load(_request, deps) {
    const candidates = deps.rebillCandidates.list({ limit: shownMax }).map(each => {
      const { zone } = deps.meterPoints.getById(each.meterPointId);
      return {
        ...{ id: each.id, meterPoint: each.meterPoint, invoice: each.invoice },
        meterPointUrl: href('/admin/meter-points', [each.meterPoint]),
        invoiceUrl: href('/admin/invoices', [each.invoice]),
        correctionUrl: href('/admin/invoices', [each.invoice, 'correction']),
        ...{ from: showMoment(each.from, zone), to: showMoment(each.to, zone) },
        why: whyOf(each)
          .map(word => words[word])
          .join(', '),
        channels: energyChanges({ ...deps, index: deps.readings }, each).map(({ code, billed, now }) => ({
          code,
          ...{
            billed: showEnergy(billed, 3),
            now: showEnergy(now, 3),
            difference: showKwh(microKwh(now - billed), 3),
          },
        })),
        difference: differenceOf(deps, each.invoice),
      };
    });
    return { url, candidates, more: Math.max(0, deps.rebillCandidates.count() - shownMax), currency: deps.currency };
  },
  actions: {
    dismiss: {
      role: 'operator',
      act({ form, user }, deps) {
        const reason = (form.get('reason') ?? '').trim().slice(0, 500);
        if (reason === '') {
          const message = 'say why the invoice stays as it is';
          throw new Refusal('body-invalid', message, [{ pointer: '/reason', message }]);
        }
        dismissRebill({ ...deps, clock: deps.posting.clock }, Number(form.get('id')), reason, `user:${user.name}`);
        return { to: url };
      },
    },
  },
};

const words = { late: 'a reading came late', changed: 'a value changed', gone: 'a reading was withdrawn' };

/** What billing anew would change; why that cannot be said is on the page of the correction. */
function differenceOf(deps: AdminDeps, invoice: string): string {
  try {
    return showMoney(previewCorrection(deps, invoice).difference, deps.currency);
  } catch (error) {
    if (error instanceof Refusal) return 'cannot be said';
    throw error;
  }
}
