import { showDay } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import type { PlanVersion } from '../../tariffs/plan.ts';
import { type ListSpec, listView, pageOfRows, readListState } from '../list.ts';
import type { AdminPage } from '../page.ts';

const url = '/admin/plans';

/** Every version of every price plan. */
export const plansPage: AdminPage = {
  url,
  title: 'Plans',
  view: 'plans',
  menu: 'Plans',
  role: 'viewer',
  load({ query }, { plans }) {
    const state = readListState(query, spec);
    const found = plans
      .list()
      .filter(({ plan }) => `${plan.planCode} ${plan.displayName}`.toLowerCase().includes(state.search.toLowerCase()));
    return { list: listView(spec, state, pageOfRows(found, spec, state), found.length) };
  },
};

const spec: ListSpec<PlanVersion> = {
  url,
  caption: 'Plans',
  searchLabel: 'Code or name',
  emptyText: 'No plan yet. The API takes a plan document with POST /v1/plans.',
  columns: [
    {
      key: 'plan',
      title: 'Plan',
      cell: ({ plan, version }) => ({
        text: `${plan.planCode}, version ${version}`,
        href: href(url, [plan.planCode, 'versions', version]),
      }),
      sortBy: ({ plan }) => plan.planCode,
    },
    { key: 'name', title: 'Name', cell: ({ plan }) => plan.displayName, sortBy: ({ plan }) => plan.displayName },
    {
      key: 'from',
      title: 'From',
      cell: ({ plan }) => showDay(plan.effectiveFrom),
      sortBy: ({ plan }) => plan.effectiveFrom,
    },
    { key: 'to', title: 'Until', cell: ({ plan }) => (plan.effectiveTo ? showDay(plan.effectiveTo) : 'no end') },
    { key: 'currency', title: 'Currency', cell: ({ plan }) => plan.currency },
    {
      key: 'prices',
      title: 'Prices',
      cell: ({ plan }) => String(plan.components.flatMap(({ prices }) => prices).length),
      number: true,
    },
  ],
};
