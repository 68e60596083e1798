/** The conditions of one group, with a way to add more and to drop others in. */
import { NumberInput } from "@mantine/core";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import type { Group } from "../model/blocks";
import type { Scope } from "../model/catalog";
import { Adders } from "./Adders";
import { BlockCard } from "./BlockCard";
import classes from "./builder.module.css";
import { useBuilder } from "./context";
import { InlineSelect } from "./InlineSelect";

interface Props {
  group: Group;
  scope: Scope;
  depth: number;
  /** A narrowing of related rows: other words when empty. */
  narrowing?: boolean;
}

export function GroupBody({ group, scope, depth, narrowing = false }: Props) {
  const { t } = useTranslation("rules");
  const several = group.children.length > 1 || (!narrowing && depth > 0);
  return (
    <div className={classes.body} data-depth={depth}>
      {several && <Reading group={group} />}
      {group.children.length === 0 && !narrowing && (
        <p className={classes.empty}>{t("builder.empty")}</p>
      )}
      {group.children.map((child, index) => (
        <Fragment key={child.id}>
          <DropLine groupId={group.id} index={index} />
          {index > 0 && (
            <div className={classes.joint} aria-hidden>
              {t(group.mode === "all" ? "group.and" : "group.or")}
            </div>
          )}
          <BlockCard block={child} scope={scope} depth={depth} />
        </Fragment>
      ))}
      <DropLine groupId={group.id} index={group.children.length} />
      <Adders group={group} scope={scope} narrowing={narrowing} />
    </div>
  );
}

function Reading({ group }: { group: Group }) {
  const { t } = useTranslation("rules");
  const { actions } = useBuilder();
  return (
    <div className={classes.reading}>
      <span className={classes.particle}>{t("group.joined")}</span>
      <InlineSelect
        label={t("group.label")}
        value={group.mode}
        tone="strong"
        choices={(["all", "any", "at_least"] as const).map((mode) => ({
          value: mode,
          label: t(`group.${mode}`),
        }))}
        onChange={(mode) => actions.change({ ...group, mode: mode as Group["mode"] })}
      />
      {group.mode === "at_least" && (
        <NumberInput
          aria-label={t("group.atLeastCount")}
          size="xs"
          w={88}
          min={0}
          allowDecimal={false}
          suffix={t("group.atLeastSuffix")}
          value={group.atLeast}
          onChange={(value) => actions.change({ ...group, atLeast: Number(value) || 0 }, group.id)}
        />
      )}
    </div>
  );
}

/** Where a block can land: a thin line, drawn when a dragged block would land there. */
function DropLine({ groupId, index }: { groupId: string; index: number }) {
  const { drop } = useBuilder();
  const over = drop?.group === groupId && drop.index === index;
  return (
    <div
      className={classes.drop}
      data-drop
      data-group={groupId}
      data-index={index}
      data-over={over || undefined}
      aria-hidden
    />
  );
}
