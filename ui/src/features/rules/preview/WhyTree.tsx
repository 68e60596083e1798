/** Why a rule is true or false of somebody: every condition with its mark, value and evidence. */
import { UnstyledButton } from "@mantine/core";
import { IconCheck, IconChevronDown, IconChevronRight, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/design/useFormat";
import type { Explained } from "../data";
import type { Catalog, Locale } from "../model/catalog";
import type { Json } from "../model/json";
import classes from "./why.module.css";

interface Props {
  node: Explained;
  catalog: Catalog;
}

export function WhyTree({ node, catalog }: Props) {
  return (
    <ul className={classes.tree}>
      <Node node={node} catalog={catalog} />
    </ul>
  );
}

function Node({ node, catalog }: Props) {
  const { t } = useTranslation("rules");
  const children = node.children ?? [];
  const [open, setOpen] = useState(true);
  const group = children.length > 0;
  return (
    <li className={classes.node} data-truth={node.truth}>
      <div className={classes.row}>
        <Mark truth={node.truth} />
        <div className={classes.words}>
          {group ? (
            <UnstyledButton
              className={classes.opener}
              aria-expanded={open}
              onClick={() => setOpen(!open)}
            >
              {open ? (
                <IconChevronDown size={12} aria-hidden />
              ) : (
                <IconChevronRight size={12} aria-hidden />
              )}
              {t(`why.group.${groupWord(node.kind)}`, {
                count: children.filter((child) => child.truth).length,
                total: children.length,
              })}
            </UnstyledButton>
          ) : (
            <span>{node.sentence}</span>
          )}
          {!group && <Found node={node} catalog={catalog} />}
        </div>
      </div>
      {group && open && (
        <ul className={classes.tree}>
          {children.map((child) => (
            <Node key={child.path} node={child} catalog={catalog} />
          ))}
        </ul>
      )}
    </li>
  );
}

function groupWord(kind: string): string {
  return ["all", "any", "at_least", "not", "sequence"].includes(kind) ? kind : "other";
}

export function Mark({ truth }: { truth: boolean }) {
  const { t } = useTranslation("rules");
  const Icon = truth ? IconCheck : IconX;
  return (
    <span className={classes.mark} data-truth={truth}>
      <Icon size={12} stroke={3} role="img" aria-label={t(truth ? "why.true" : "why.false")} />
    </span>
  );
}

/** The value that was found, and the rows behind it. */
export function Found({ node, catalog }: Props) {
  const { t, i18n } = useTranslation("rules");
  const locale: Locale = i18n.language === "en" ? "en" : "ja";
  const format = useFormat();
  const say = (value: Json | undefined) => saidValue(value, t, format);
  const rows = node.evidence?.rows ?? [];
  return (
    <>
      {"found" in node && (
        <span className={classes.found}>{t("why.found", { value: say(node.found) })}</span>
      )}
      {node.evidence && (
        <details className={classes.evidence}>
          <summary>{t("why.evidence", { count: node.evidence.count })}</summary>
          <ul>
            {rows.map((row) => (
              <li key={row.dataset + row.key.join("/")}>
                <span>{catalog.datasets.get(row.dataset)?.label[locale] ?? row.dataset}</span>
                <span className={classes.key}>{row.key.map(String).join(" / ")}</span>
                {row.time && <span>{format.dateTime(row.time)}</span>}
              </li>
            ))}
            {node.evidence.count > rows.length && (
              <li>{t("why.moreRows", { count: node.evidence.count - rows.length })}</li>
            )}
          </ul>
        </details>
      )}
    </>
  );
}

type Format = ReturnType<typeof useFormat>;

function saidValue(value: Json | undefined, t: (key: string) => string, format: Format): string {
  if (value === null || value === undefined || value === "") return t("why.unset");
  if (typeof value === "boolean") return t(value ? "op.boolean.is_true" : "op.boolean.is_false");
  if (typeof value === "number") return format.number(value, 4);
  if (Array.isArray(value))
    return value.map((one) => saidValue(one, t, format)).join(t("operand.comma"));
  if (typeof value === "object") return JSON.stringify(value);
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return format.dateTime(value);
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return format.date(value);
  return /^-?\d+(\.\d+)?$/.test(value) && value.length < 16 ? format.number(value, 4) : value;
}
