/** A value, and a small menu for another sort of value. */
import { ActionIcon, Menu } from "@mantine/core";
import { IconAdjustments } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Operand } from "../model/blocks";
import { familyOf } from "../model/ops";
import classes from "./builder.module.css";
import { useBuilder } from "./context";
import type { OperandProps } from "./OperandEditor";

export function OperandKind(props: OperandProps & { children: ReactNode }) {
  const { t } = useTranslation("rules");
  return (
    <span className={classes.operand}>
      {props.children}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon size={24} aria-label={t("operand.kind")} className={classes.quiet}>
            <IconAdjustments size={14} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t("operand.kind")}</Menu.Label>
          <Kinds {...props} />
        </Menu.Dropdown>
      </Menu>
    </span>
  );
}

interface Kind {
  operand: Operand;
  words: string;
}

function Kinds({ operand, onChange, field, scope }: OperandProps) {
  const { t } = useTranslation("rules");
  const { userFields } = useBuilder();
  const family = familyOf(field.type);
  const kinds: Kind[] = [{ operand: { kind: "one", value: null }, words: t("operand.fixed") }];
  if (family === "date") {
    kinds.push({ operand: { kind: "today", offset: "-30d" }, words: t("operand.relative") });
  }
  if (field.type === "timestamp") {
    kinds.push({ operand: { kind: "now", offset: "-24h" }, words: t("operand.fromNow") });
  }
  kinds.push({ operand: { kind: "field", path: "" }, words: t("operand.field") });
  if (!scope.top) {
    kinds.push({ operand: { kind: "subject", path: "" }, words: t("operand.subject") });
  }
  if (family === "number" || scope.top) {
    const on = { kind: "field", path: "" } as const;
    const times = family === "number" ? 1 : null;
    kinds.push({
      operand: { kind: "computed", on, times, plus: null },
      words: t("operand.computed"),
    });
  }
  const [first] = userFields;
  if (first) kinds.push({ operand: { kind: "user", name: first }, words: t("operand.user") });
  return kinds.map((kind) => (
    <Menu.Item
      key={kind.operand.kind}
      disabled={operand.kind === kind.operand.kind}
      onClick={() => onChange(kind.operand)}
    >
      {kind.words}
    </Menu.Item>
  ));
}
