import { ActionIcon, Checkbox, Menu, Skeleton } from "@mantine/core";
import { IconArrowDown, IconArrowsSort, IconArrowUp, IconColumns3 } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { RowSource } from "@/client/pages";
import styles from "./DataTable.module.css";
import { nextSort, type Sort } from "./sort";
import { Empty, ErrorState, useLate } from "./states";

export { readSort, type Sort, writeSort } from "./sort";

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** px; the last column takes what is left. */
  width?: number;
  align?: "start" | "end";
  sortable?: boolean;
  /** The column chooser leaves it alone. */
  always?: boolean;
}

interface DataTableProps<Row> {
  /** Names the table to a screen reader. */
  label: string;
  source: RowSource<Row>;
  columns: readonly Column<Row>[];
  rowId: (row: Row) => string;
  sort?: Sort | null;
  onSort?: (sort: Sort | null) => void;
  selected?: ReadonlySet<string>;
  onSelect?: (selected: ReadonlySet<string>) => void;
  hidden?: ReadonlySet<string>;
  onHide?: (hidden: ReadonlySet<string>) => void;
  /** Opens a row: by click or by Enter. */
  onOpen?: (row: Row) => void;
  /** The row whose detail is open. */
  activeId?: string;
  empty?: ReactNode;
  rowHeight?: number;
  /** Its own height in px; default: it fills a `fill` page, else grows to its rows. */
  height?: number;
}

/**
 * A table of any length: only rows in sight exist. The first column stays in place. Sorting is the
 * server's: the table only says what is wanted.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, source, rowId, sort = null, onSort, selected, onSelect, rowHeight = 40 } = props;
  const { t } = useTranslation("design");
  const late = useLate();
  const frame = useRef<HTMLDivElement>(null);
  const columns = props.columns.filter((one) => one.always || !props.hidden?.has(one.id));
  const rows = useVirtualizer({
    count: source.total,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = rows.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const { onRange } = source;
  useEffect(() => onRange?.(first, last), [onRange, first, last]);

  if (source.error && source.total === 0) {
    return <ErrorState error={source.error} onRetry={source.retry} />;
  }
  if (!source.loading && source.total === 0) {
    return props.empty ? props.empty : <Empty title={t("table.none")} />;
  }
  const before = items[0]?.start ?? 0;
  const after = rows.getTotalSize() - (items.at(-1)?.end ?? 0);
  const span = columns.length + (onSelect ? 1 : 0);
  const move = (event: KeyboardEvent<HTMLTableRowElement>) => {
    const step = event.key === "ArrowDown" ? "nextElementSibling" : "previousElementSibling";
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const next = event.currentTarget[step];
    if (next instanceof HTMLElement && next.tabIndex === 0) {
      event.preventDefault();
      next.focus();
    }
  };
  const toggle = (id: string) => {
    const found = new Set(selected);
    if (!found.delete(id)) found.add(id);
    onSelect?.(found);
  };
  const loaded = Array.from({ length: source.total > 2000 ? 0 : source.total }, (_, index) =>
    source.rowAt(index),
  );
  const ids = loaded.flatMap((row) => (row === undefined ? [] : [rowId(row)]));
  const all = ids.length > 0 && ids.every((id) => selected?.has(id));

  return (
    <div className={styles.outer} data-grows={props.height === undefined || undefined}>
      {props.onHide && (
        <ColumnChooser columns={props.columns} hidden={props.hidden} onHide={props.onHide} />
      )}
      <div
        ref={frame}
        className={styles.frame}
        style={{ height: props.height }}
        tabIndex={0}
        role="region"
        aria-label={label}
      >
        <table className={styles.table} aria-rowcount={source.total + 1} aria-label={label}>
          <colgroup>
            {onSelect && <col style={{ width: 40 }} />}
            {columns.map((column) => (
              <col key={column.id} style={{ width: column.width }} />
            ))}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              {onSelect && (
                <th className={styles.check}>
                  <Checkbox
                    size="xs"
                    aria-label={t("table.selectAll")}
                    checked={all}
                    indeterminate={!all && (selected?.size ?? 0) > 0}
                    onChange={() =>
                      onSelect(all ? new Set() : new Set([...(selected ?? []), ...ids]))
                    }
                  />
                </th>
              )}
              {columns.map((column) => (
                <HeaderCell key={column.id} column={column} sort={sort} onSort={onSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {before > 0 && <tr aria-hidden="true" style={{ height: before }} />}
            {source.loading && source.total === 0 && late && <Ghosts span={span} />}
            {items.map((item) => {
              const row = source.rowAt(item.index);
              if (row === undefined) {
                return (
                  <tr key={item.key} style={{ height: rowHeight }} aria-rowindex={item.index + 2}>
                    <td colSpan={span}>
                      <Skeleton height={10} width="40%" aria-label={t("table.loadingRow")} />
                    </td>
                  </tr>
                );
              }
              const id = rowId(row);
              return (
                <tr
                  key={item.key}
                  aria-rowindex={item.index + 2}
                  aria-selected={onSelect ? selected?.has(id) : undefined}
                  data-active={props.activeId === id || undefined}
                  data-opens={props.onOpen ? true : undefined}
                  style={{ height: rowHeight }}
                  tabIndex={props.onOpen ? 0 : undefined}
                  onClick={() => props.onOpen?.(row)}
                  onKeyDown={(event) => {
                    if (event.target !== event.currentTarget) return;
                    if (event.key === "Enter") props.onOpen?.(row);
                    if (event.key === "x" && onSelect) toggle(id);
                    move(event);
                  }}
                >
                  {onSelect && (
                    // biome-ignore lint/a11y/useKeyWithClickEvents: the checkbox inside takes keys
                    <td className={styles.check} onClick={(event) => event.stopPropagation()}>
                      <Checkbox
                        size="xs"
                        aria-label={t("table.selectRow")}
                        checked={selected?.has(id) ?? false}
                        onChange={() => toggle(id)}
                      />
                    </td>
                  )}
                  {columns.map((column) => (
                    <td key={column.id} data-align={column.align}>
                      {column.cell(row)}
                    </td>
                  ))}
                </tr>
              );
            })}
            {after > 0 && <tr aria-hidden="true" style={{ height: after }} />}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Ghosts({ span }: { span: number }) {
  return [70, 55, 62, 48, 66].map((width) => (
    <tr key={width} aria-hidden="true">
      <td colSpan={span}>
        <Skeleton height={10} width={`${width}%`} />
      </td>
    </tr>
  ));
}

interface HeaderCellProps<Row> {
  column: Column<Row>;
  sort: Sort | null;
  onSort?: (sort: Sort | null) => void;
}

function HeaderCell<Row>({ column, sort, onSort }: HeaderCellProps<Row>) {
  const { t } = useTranslation("design");
  const on = sort?.column === column.id;
  const Icon = !on ? IconArrowsSort : sort.descending ? IconArrowDown : IconArrowUp;
  return (
    <th
      scope="col"
      data-align={column.align}
      aria-sort={on ? (sort.descending ? "descending" : "ascending") : undefined}
    >
      {column.sortable && onSort ? (
        <button
          type="button"
          className={styles.sort}
          data-on={on || undefined}
          aria-label={t("table.sortBy", { column: column.header })}
          onClick={() => onSort(nextSort(sort, column.id))}
        >
          {column.header}
          <Icon size={13} aria-hidden="true" />
        </button>
      ) : (
        column.header
      )}
    </th>
  );
}

interface ColumnChooserProps<Row> {
  columns: readonly Column<Row>[];
  hidden?: ReadonlySet<string>;
  onHide: (hidden: ReadonlySet<string>) => void;
}

function ColumnChooser<Row>({ columns, hidden, onHide }: ColumnChooserProps<Row>) {
  const { t } = useTranslation("design");
  return (
    <div className={styles.chooser}>
      <Menu closeOnItemClick={false} position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={t("table.columns")} title={t("table.columns")}>
            <IconColumns3 size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown mah={360} style={{ overflow: "auto" }}>
          <Menu.Label>{t("table.columns")}</Menu.Label>
          {columns
            .filter((column) => !column.always)
            .map((column) => (
              <Menu.CheckboxItem
                key={column.id}
                checked={!hidden?.has(column.id)}
                onChange={(shown) => {
                  const found = new Set(hidden);
                  if (shown) found.delete(column.id);
                  else found.add(column.id);
                  onHide(found);
                }}
              >
                {column.header}
              </Menu.CheckboxItem>
            ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
