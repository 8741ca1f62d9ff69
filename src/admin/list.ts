import { href } from '../http/href.ts';

export type Cell = string | { text: string; href?: string; tone?: 'good' | 'warn' | 'bad' | 'plain'; soft?: string };

export interface Column<Row> {
  key: string;
  title: string;
  cell(row: Row): Cell;
  /** What to sort by, or true when the store sorts by the column's key; a column without it cannot be sorted. */
  sortBy?: true | ((row: Row) => string | number);
  number?: boolean;
  /** Never broken into lines: days, codes. */
  short?: boolean;
  /** Broken into lines anywhere: names that somebody else gives. */
  long?: boolean;
  /** Says nothing on the page as things stand; a CSV file has it all the same, so that its columns stay. */
  fileOnly?: boolean;
  /** What a CSV file says instead of the cell: the amount without its currency, the day as 2026-11-21. false: nothing of it. */
  csv?: false | ((row: Row) => string | number);
}

export interface ListSpec<Row> {
  /** Path of the page the list is on: links of the list lead back to it. */
  url: string;
  caption: string;
  columns: Column<Row>[];
  searchLabel?: string;
  /** Choices of one exact value, `?name=value`. */
  filters?: { name: string; label: string; options: { value: string; label: string }[] }[];
  emptyText: string;
  /** What else the address says of which rows are wanted: carried along by links and searches, dropped by Clear. */
  kept?: Record<string, string>;
  /** Address of the whole list as a CSV file. */
  csvUrl?: string;
}

/** What the URL says about a list. Unknown or broken values are as if they were not there. */
export interface ListState {
  search: string;
  sort: string;
  descending: boolean;
  /** From 1. */
  page: number;
  filters: Record<string, string>;
}

export const rowsPerPage = 50;

export function readListState<Row>(query: URLSearchParams, spec: ListSpec<Row>): ListState {
  const sort = query.get('sort') ?? '';
  const key = sort.replace(/^-/, '');
  const page = Number(query.get('page') ?? '1');
  const chosen = (spec.filters ?? []).flatMap(({ name, options }) => {
    const value = query.get(name) ?? '';
    return options.some(option => option.value === value) ? [[name, value]] : [];
  });
  return {
    search: (query.get('q') ?? '').trim().slice(0, 100),
    sort: spec.columns.some(column => column.key === key && column.sortBy) ? key : '',
    descending: sort.startsWith('-'),
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
    filters: Object.fromEntries(chosen),
  };
}

export function offsetOf(state: ListState): number {
  return (state.page - 1) * rowsPerPage;
}

/** Sorts and cuts rows that are all in memory; stores do it themselves for large tables. */
export function pageOfRows<Row>(rows: Row[], spec: ListSpec<Row>, state: ListState): Row[] {
  const sortBy = spec.columns.find(column => column.key === state.sort)?.sortBy;
  const sign = state.descending ? -1 : 1;
  const sorted = typeof sortBy === 'function' ? rows.toSorted((a, b) => sign * compare(sortBy(a), sortBy(b))) : rows;
  return sorted.slice(offsetOf(state), offsetOf(state) + rowsPerPage);
}

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Everything views/list.eta prints, links included. `rows` is one page of `total`. */
export function listView<Row>(spec: ListSpec<Row>, state: ListState, rows: Row[], total: number) {
  const kept = spec.kept ?? {};
  const link = (change: Partial<ListState>) => listUrl(spec.url, { ...state, ...change }, kept);
  const columns = spec.columns.filter(({ fileOnly }) => !fileOnly);
  const last = Math.max(1, Math.ceil(total / rowsPerPage));
  const first = total === 0 || rows.length === 0 ? 0 : offsetOf(state) + 1;
  return {
    url: spec.url,
    caption: spec.caption,
    emptyText: spec.emptyText,
    csvUrl: spec.csvUrl && listUrl(spec.csvUrl, { ...state, page: 1 }, kept),
    kept,
    searchLabel: spec.searchLabel,
    search: state.search,
    sort: state.sort && `${state.descending ? '-' : ''}${state.sort}`,
    filters: (spec.filters ?? []).map(filter => ({ ...filter, chosen: state.filters[filter.name] ?? '' })),
    filtered: state.search !== '' || Object.keys({ ...kept, ...state.filters }).length > 0,
    columns: columns.map(({ key, title, sortBy, number = false }) => {
      const sorted = key === state.sort ? (state.descending ? 'descending' : 'ascending') : undefined;
      const sortUrl = sortBy && link({ sort: key, descending: sorted === 'ascending', page: 1 });
      return { key, title, number, sorted, sortUrl };
    }),
    rows: rows.map(row =>
      columns.map(column => ({
        ...cellOf(column.cell(row)),
        kind: column.number ? 'number' : column.short ? 'short' : column.long ? 'long' : '',
      })),
    ),
    total,
    first,
    last: first === 0 ? 0 : first + rows.length - 1,
    previousUrl: state.page > 1 ? link({ page: Math.min(state.page - 1, last) }) : undefined,
    nextUrl: state.page < last ? link({ page: state.page + 1 }) : undefined,
  };
}

/** A whole list for a spreadsheet. */
export interface CsvList {
  name: string;
  lines: (string | number)[][];
}

export function csvList<Row>({ caption, columns }: ListSpec<Row>, rows: Row[]): CsvList {
  const written = columns.filter(({ csv }) => csv !== false);
  const cellText = ({ csv, cell }: Column<Row>, row: Row) => (csv ? csv(row) : cellOf(cell(row)).text);
  return {
    name: caption.toLowerCase().replaceAll(' ', '-'),
    lines: [written.map(({ title }) => title), ...rows.map(row => written.map(column => cellText(column, row)))],
  };
}

function cellOf(cell: Cell): Exclude<Cell, string> {
  return typeof cell === 'string' ? { text: cell } : cell;
}

function listUrl(url: string, { search, sort, descending, page, filters }: ListState, kept: Record<string, string>) {
  const order = sort && `${descending ? '-' : ''}${sort}`;
  return href(url, [], { q: search, ...filters, ...kept, sort: order, page: page > 1 ? page : undefined });
}
