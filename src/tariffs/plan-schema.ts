import { z } from 'zod';
import { components } from './components/index.ts';
import { planHeader } from './plan.ts';

/** As z.toJSONSchema makes it. */
type JsonSchema = Record<string, unknown>;

/**
 * The plan document as JSON Schema (draft 2020-12), made of the same declarations that read it. It says which fields there are; that
 * every minute has one rate, and all else that a schema cannot see, is proved on saving.
 */
export function planSchema(): JsonSchema & { $id: string } {
  const { $schema, properties, ...header } = record.parse(z.toJSONSchema(planHeader, { io: 'input' }));
  const parts = components.map(({ kind, title, terms }) => {
    const { $schema: _, ...schema } = record.parse(z.toJSONSchema(terms, { io: 'input' }));
    return [kind, { title, ...schema }] as const;
  });
  return {
    $schema,
    $id: 'urn:wattledger:plan',
    title: 'Price plan',
    description:
      'One version of a price plan. Prices are decimal strings; times are half-open and read on the plan’s clock; days are local days at the site.',
    ...header,
    properties: {
      ...record.parse(properties),
      components: {
        type: 'array',
        minItems: 1,
        description: 'In the order of the bill.',
        items: { oneOf: parts.map(([kind]) => ({ $ref: `#/$defs/${kind}` })) },
      },
      fees: { type: 'array', items: { $ref: '#/$defs/feeAlone' } },
    },
    $defs: { ...Object.fromEntries(parts), feeAlone: withoutKind(parts.find(([kind]) => kind === 'fee')![1]) },
  };
}

const record = z.record(z.string(), z.unknown());

/** Among a plan's fees a fee need not say that it is one. */
function withoutKind(fee: JsonSchema): JsonSchema {
  const { kind: _, ...properties } = record.parse(fee['properties']);
  const required = z.array(z.string()).parse(fee['required']);
  return { ...fee, properties, required: required.filter(name => name !== 'kind') };
}
