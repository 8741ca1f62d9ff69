import { type Paper, quietInk } from '../kernel/paper.ts';

/** Where facts go, in points from the corner of the page; labels and values have a column each. */
interface Columns {
  x: number;
  y: number;
  labelWidth: number;
  valueWidth: number;
}

/** Labels with their values, a line each; one without a value takes none. Returns where they end. */
export function printFacts(
  paper: Paper,
  facts: readonly (readonly [label: string, value: string])[],
  { x, y, labelWidth, valueWidth }: Columns,
): number {
  let at = y;
  for (const [label, value] of facts) {
    if (!value) continue;
    paper.within('P', () => {
      paper.line(label, x, at, labelWidth - 4, { colour: quietInk });
      at += paper.paragraph(value, x + labelWidth, at, valueWidth, {}, 2) + 1;
    });
  }
  return at;
}
