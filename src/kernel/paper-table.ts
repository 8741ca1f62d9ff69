import { hairline, type Paper, quietInk, type TextStyle, tableSize } from './paper.ts';

export interface Column {
  heading: string;
  width: number;
  align?: 'right';
  /** Measuring every cell for line breaks is slow, so only columns of words wrap; others end in an ellipsis. */
  wraps?: true;
}

export interface Row {
  /** A group names the rows under it; a total closes them. */
  kind: 'group' | 'plain' | 'total';
  cells: string[];
}

const cellPadding = 3;
const gutter = 6;
const linesMax = 6;

/** The room a table needs so that it does not begin with its headings alone. */
export function openingHeight(paper: Paper, columns: Column[], rows: Row[]): number {
  const [first] = rows;
  return headingsHeight(paper) + (first ? heightOf(paper, columns, first) + companyOf(paper, columns, rows, 0) : 0);
}

/** Prints rows from `paper.y`, over as many pages as it takes, the headings on each; a group never stands alone at a page's foot. */
export function printTable(paper: Paper, columns: Column[], rows: Row[], colour: string): void {
  paper.within('Table', () => {
    printHeadings(paper, columns, colour);
    for (const [index, row] of rows.entries()) {
      const height = heightOf(paper, columns, row);
      if (paper.y + height + companyOf(paper, columns, rows, index) > paper.bottom) {
        paper.nextPage();
        // Once is enough for a listener; the eye needs it on each page.
        paper.decoration(() => printHeadings(paper, columns, colour), 'Pagination');
      }
      printRow(paper, columns, row, height);
    }
  });
}

/** The room of the row that must stay with this one: the first of a group, the total after the last. */
function companyOf(paper: Paper, columns: Column[], rows: Row[], index: number): number {
  const next = rows[index + 1];
  if (!next) return 0;
  return rows[index]!.kind === 'group' || next.kind === 'total' ? heightOf(paper, columns, next) : 0;
}

function printHeadings(paper: Paper, columns: Column[], colour: string): void {
  const style: TextStyle = { size: tableSize, weight: 'bold', colour };
  let x = paper.left;
  paper.within('TR', () => {
    for (const { heading, width, align = 'left' } of columns) {
      const [at, room] = align === 'right' ? [x + gutter, width - gutter] : [x, width - gutter];
      paper.within('TH', () => paper.line(heading, at, paper.y, room, { ...style, align }), { scope: 'Column' });
      x += width;
    }
  });
  paper.y += headingsHeight(paper);
  paper.rule(paper.left, paper.y - 1, x - paper.left, colour, 1);
}

function headingsHeight(paper: Paper): number {
  return paper.lineHeight({ size: tableSize }) + 3;
}

function heightOf(paper: Paper, columns: Column[], row: Row): number {
  const style = styleOf(row);
  const counts = row.cells.map((cell, index) =>
    columns[index]?.wraps && row.kind === 'plain'
      ? paper.wrap(cell, columns[index].width - gutter, style, linesMax).length
      : 1,
  );
  return Math.max(1, ...counts) * paper.lineHeight(style) + 2 * cellPadding - (row.kind === 'group' ? 2 : 0);
}

function styleOf({ kind }: Row): TextStyle {
  return { size: tableSize, weight: kind === 'plain' ? 'regular' : 'bold' };
}

function printRow(paper: Paper, columns: Column[], row: Row, height: number): void {
  const style = styleOf(row);
  const y = paper.y + cellPadding;
  const tableWidth = columns.reduce((sum, column) => sum + column.width, 0);
  if (row.kind === 'total') paper.rule(paper.left, paper.y, tableWidth, quietInk, 0.7);
  let x = paper.left;
  paper.within('TR', () => {
    for (const [index, { width, align = 'left', wraps }] of columns.entries()) {
      const cell = row.cells[index] ?? '';
      const spans = row.kind !== 'plain' && index === 0;
      const room = (spans ? tableWidth / 2 : width) - gutter;
      const at = align === 'right' ? x + gutter : x;
      paper.within(spans ? 'TH' : 'TD', () => {
        if (wraps && !spans) paper.paragraph(cell, at, y, room, style, linesMax);
        else paper.line(cell, at, y, room, { ...style, align });
      });
      x += width;
    }
  });
  paper.y += height;
  if (row.kind === 'plain') paper.rule(paper.left, paper.y, tableWidth, hairline, 0.3);
}
