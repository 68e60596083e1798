/** A sort as the URL writes it: `due` ascending, `-due` descending. */

export interface Sort {
  column: string;
  descending: boolean;
}

export function readSort(text: string | undefined): Sort | null {
  if (!text) return null;
  return text.startsWith("-")
    ? { column: text.slice(1), descending: true }
    : { column: text, descending: false };
}

export function writeSort(sort: Sort | null): string | undefined {
  if (!sort) return undefined;
  return sort.descending ? `-${sort.column}` : sort.column;
}

/** First click ascending, second descending, third none. */
export function nextSort(sort: Sort | null, column: string): Sort | null {
  if (sort?.column !== column) return { column, descending: false };
  return sort.descending ? null : { column, descending: true };
}
