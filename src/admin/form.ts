import type { z } from 'zod';
import { validatorOf } from '../http/schemas.ts';

/** A form's fields; one that was ticked twice is there twice. */
export function formOf(body: unknown): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body ?? {}))
    for (const each of [value].flat()) form.append(name, String(each));
  return form;
}

/** A form as views/form.eta draws it: with what was typed and what was wrong with each field, when it was refused. */
export interface FormSpec {
  /** The page's action; ids of fields begin with it. */
  name: string;
  url: string;
  button: string;
  fields: FormField[];
  /** Sent along, never typed. */
  hidden?: Record<string, string | number>;
}

export interface FormField {
  name: string;
  label: string;
  value?: string;
  type?: 'text' | 'email' | 'date' | 'datetime-local' | 'checkbox';
  required?: boolean;
  /** A decimal keyboard on a phone. */
  decimal?: boolean;
  /** More than one line. */
  rows?: number;
  options?: { value: string; label: string }[];
  /** What the field offers to fill in, and still takes anything. */
  suggestions?: string[];
  hint?: string;
}

/** What the fields say, by the schema the API uses for the same; throws 'body-invalid' with every field that is wrong. */
export function readForm<Schema extends z.ZodType>(
  schema: Schema,
  form: URLSearchParams,
  beside: Record<string, unknown> = {},
): z.infer<Schema> {
  const { csrf: _csrf, ...fields } = Object.fromEntries(form);
  const lines = Object.entries(fields).map(([name, value]) => [name, value.replaceAll('\r\n', '\n')]);
  const parsed = validatorOf({ schema, httpPart: 'body' })({ ...Object.fromEntries(lines), ...beside });
  if (parsed.error) throw parsed.error;
  return schema.parse(parsed.value);
}
