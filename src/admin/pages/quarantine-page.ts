import { showMoment } from '../../http/format.ts';
import { href } from '../../http/href.ts';
import { applyQuarantined, type Chosen, discardQuarantined } from '../../readings/apply-quarantined.ts';
import {
  type ListedQuarantined,
  type QuarantineFilter,
  type QuarantineState,
  quarantineStates,
} from '../../readings/quarantine-store.ts';
import { isRuleName, ruleNames, rules } from '../../readings/rules.ts';
import { instant } from '../../units/time.ts';
import type { ActionRequest, AdminDeps, AdminPage } from '../page.ts';

const url = '/admin/quarantine';
const shownAtOnce = 50;

/** Readings that a rule put aside: to be let in or discarded, several at once. */
export const quarantinePage: AdminPage = {
  url,
  title: 'Quarantine',
  view: 'quarantine',
  menu: 'Quarantine',
  role: 'viewer',
  load({ query }, deps) {
    const filter = filterOf(query);
    const before = Number(query.get('before') ?? Number.NaN);
    const beforeId = Number.isSafeInteger(before) && before > 0 ? { beforeId: before } : {};
    const found = deps.quarantine.list({ ...filter, limit: shownAtOnce + 1, ...beforeId });
    const shown = found.slice(0, shownAtOnce);
    const told = { q: filter.search, rule: filter.rule, state: filter.state };
    return {
      url,
      ...told,
      waits: filter.state === 'waiting',
      total: deps.quarantine.count(filter),
      states: quarantineStates,
      rules: ruleNames.filter(name => (rules[name].allowed as readonly string[]).includes('quarantine')),
      sayings: [...new Set(shown.map(({ rule }) => rule))].map(rule => ({ rule, says: rules[rule].says })),
      readings: shown.map(each => showEntry(each, deps)),
      olderUrl: found.length > shownAtOnce ? href(url, [], { ...told, before: shown.at(-1)!.id }) : undefined,
      applied: query.get('applied'),
      held: query.get('held'),
      why: query.get('why'),
      discarded: query.get('discarded'),
    };
  },
  actions: {
    apply: {
      role: 'operator',
      async act(request, deps) {
        const { applied, waiting } = await applyQuarantined(
          { ...deps.posting, quarantine: deps.quarantine, audit: deps.access.audit },
          chosenIn(request),
          `user:${request.user.name}`,
        );
        return back(request, { applied, held: waiting.length, why: waiting[0]?.message.slice(0, 200) ?? '' });
      },
    },
    discard: {
      role: 'operator',
      async act(request, deps) {
        const reason = (request.form.get('reason') ?? '').trim().slice(0, 500);
        const by = `user:${request.user.name}`;
        const { posting, quarantine, access } = deps;
        const wanted = { clock: posting.clock, quarantine, audit: access.audit };
        return back(request, { discarded: await discardQuarantined(wanted, chosenIn(request), reason, by) });
      },
    },
  },
};

function filterOf(query: URLSearchParams): Required<QuarantineFilter> {
  const rule = query.get('rule') ?? '';
  const state = quarantineStates.find(each => each === query.get('state'));
  const waiting: QuarantineState = 'waiting';
  return {
    search: (query.get('q') ?? '').trim().slice(0, 100),
    rule: isRuleName(rule) ? rule : '',
    state: state ?? waiting,
  };
}

/** Every box that was ticked, or everything that waits and fits. */
function chosenIn({ form }: ActionRequest): Chosen {
  if (form.get('all') !== 'yes') return form.getAll('reading').map(Number).filter(Number.isSafeInteger);
  const { search, rule } = filterOf(form);
  return { search, rule };
}

function back({ form }: ActionRequest, told: Record<string, string | number>) {
  const { search, rule } = filterOf(form);
  return { to: href(url, [], { q: search, rule, ...told }) };
}

function showEntry(entry: ListedQuarantined, { meterPoints, sources, zone }: AdminDeps) {
  const { id, rule, meterPoint, kind, code, stamp, value, receivedAt, line, decidedBy, reason } = entry;
  const source = sources.find(entry.source);
  const run = source?.kind === 'import' ? source.reference.split('!')[0] : undefined;
  const known = meterPoints.find(meterPoint);
  return {
    ...{ id, rule, meterPoint, stamp, value, decidedBy, reason },
    meterPointUrl: known && href('/admin/meter-points', [meterPoint]),
    registerUrl: known ? undefined : href('/admin/new-meter-point', [], { identifier: meterPoint }),
    series: `${kind} ${code}`,
    receivedAt: showMoment(instant(receivedAt), zone),
    from: run
      ? `import ${run}, line ${line}`
      : source
        ? `${source.kind.replace('api-', '')} ${source.reference}`
        : 'unknown',
    url: run && href('/admin/imports', [run]),
  };
}
