/** A form's fields; one that was ticked twice is there twice. */
export function formOf(body: unknown): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body ?? {}))
    for (const each of [value].flat()) form.append(name, String(each));
  return form;
}
