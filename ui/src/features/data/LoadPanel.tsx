import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { type Paged, usePages } from "@/client/pages";
import { Facts } from "@/design/Facts";
import { RightPanel } from "@/design/RightPanel";
import { Remark, StatusBadge } from "@/design/StatusBadge";
import { LongWork, Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import {
  catalogQuery,
  type DeadLetter,
  filesOf,
  isOpen,
  type LoadInfo,
  loadQuery,
  took,
} from "./data";
import styles from "./data.module.css";
import { toneOf } from "./Loads";

export function LoadPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("data");
  const format = useFormat();
  const load = useQuery(loadQuery(id));
  const catalog = useQuery(catalogQuery);
  const name = load.data?.dataset ?? "";
  const label = catalog.data?.datasets.find((one) => one.name === name)?.label ?? name;
  return (
    <RightPanel
      title={t("loadOf", { dataset: label })}
      lead={load.data ? format.dateTime(load.data.started_at) : undefined}
      onClose={onClose}
      width={640}
    >
      <Ready query={load}>
        {(found) => (
          <>
            <LoadFacts load={found} />
            {found.dead > 0 && <DeadLetters load={found} />}
          </>
        )}
      </Ready>
    </RightPanel>
  );
}

function LoadFacts({ load }: { load: LoadInfo }) {
  const { t } = useTranslation("data");
  const format = useFormat();
  if (isOpen(load)) return <LongWork label={t("loading")} done={load.read} total={null} />;
  return (
    <>
      {load.message && (
        <Remark tone="warn">
          {load.message} {load.remedy}
        </Remark>
      )}
      <Facts
        facts={[
          {
            label: t("state"),
            value: <StatusBadge tone={toneOf(load)}>{t(`states.${load.state}`)}</StatusBadge>,
            note: t("tookNote", { time: format.duration(took(load)) }),
          },
          {
            label: t("read"),
            value: format.count(load.read, "rows"),
            note: t("readNote", {
              loaded: format.number(load.loaded),
              dead: format.number(load.dead),
            }),
          },
          { label: t("added"), value: format.count(load.added, "rows") },
          { label: t("changed"), value: format.count(load.changed, "rows") },
          { label: t("unchanged"), value: format.count(load.unchanged, "rows") },
          { label: t("removed"), value: format.count(load.removed, "rows") },
          { label: t("files"), value: filesOf(load), note: format.bytes(load.bytes) },
        ]}
      />
    </>
  );
}

/** What could not be read: where, and why. Nothing is dropped silently. */
function DeadLetters({ load }: { load: LoadInfo }) {
  const { t } = useTranslation("data");
  const format = useFormat();
  const frame = useRef<HTMLDivElement>(null);
  const letters = usePages<DeadLetter>(["data", "dead", load.id], (offset, limit, signal) =>
    call<Paged<DeadLetter>>("GET", `/api/data/loads/${load.id}/dead-letters`, {
      query: { offset, limit },
      signal,
    }),
  );
  const rows = useVirtualizer({
    count: letters.total,
    getScrollElement: () => frame.current,
    estimateSize: () => 92,
    overscan: 8,
  });
  const items = rows.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const { onRange } = letters;
  useEffect(() => onRange?.(first, last), [onRange, first, last]);
  return (
    <>
      <h3 className={styles.part}>
        {t("deadLetters")} {format.count(load.dead, "rows")}
      </h3>
      <p className={styles.kindText}>{t("deadText")}</p>
      <div
        ref={frame}
        style={{ maxHeight: 480, overflow: "auto" }}
        tabIndex={0}
        role="region"
        aria-label={t("deadLetters")}
      >
        <ul
          style={{
            height: rows.getTotalSize(),
            position: "relative",
            margin: 0,
            padding: 0,
            listStyle: "none",
          }}
        >
          {items.map((item) => {
            const letter = letters.rowAt(item.index);
            return (
              <li
                key={item.key}
                ref={rows.measureElement}
                data-index={item.index}
                className={styles.dead}
                style={{
                  position: "absolute",
                  insetInline: 0,
                  transform: `translateY(${item.start}px)`,
                }}
              >
                {letter ? <Letter letter={letter} /> : t("design:loading")}
              </li>
            );
          })}
        </ul>
      </div>
    </>
  );
}

function Letter({ letter }: { letter: DeadLetter }) {
  const { t } = useTranslation("data");
  const format = useFormat();
  return (
    <>
      <div>{letter.reason}</div>
      <div className={styles.deadWhere}>
        <span>{letter.file}</span>
        {letter.line !== null && <span>{t("line", { line: format.number(letter.line) })}</span>}
        {letter.field && <span>{t("field", { field: letter.field })}</span>}
      </div>
      {letter.raw && <code className={styles.raw}>{letter.raw}</code>}
    </>
  );
}
