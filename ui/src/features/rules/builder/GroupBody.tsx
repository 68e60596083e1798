/** The conditions of one group, with a way to add more and to drop others in. */
import { Button, NumberInput } from "@mantine/core";
import { IconPlus, IconSquarePlus } from "@tabler/icons-react";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Block, type Group, newGroup, newTest } from "../model/blocks";
import type { Scope } from "../model/catalog";
import { copy } from "../model/edit";
import type { Found } from "../model/finder";
import { defaultOp, operandFor } from "../model/ops";
import { BlockCard } from "./BlockCard";
import classes from "./builder.module.css";
import { useBuilder } from "./context";
import { FieldFinder } from "./FieldFinder";
import { InlineSelect } from "./InlineSelect";

export const DRAG_TYPE = "application/x-enishi-block";

/** The condition a found thing starts as. */
export function startTest(found: Found): Block {
  if (found.kind === "field") {
    const op = defaultOp(found.field.type);
    return newTest(
      { kind: "field", path: found.field.path },
      op,
      operandFor(op, found.field.type, { kind: "one", value: null }),
    );
  }
  if (found.start) {
    const on = { ...found.start, where: copy(found.start.where) };
    const counts = on.measure.kind === "count";
    return newTest(
      on,
      counts ? null : "ge",
      counts ? { kind: "none" } : { kind: "one", value: null },
    );
  }
  const measured = {
    where: newGroup(),
    during: found.kind === "event" ? ({ kind: "last", length: "90d" } as const) : null,
    measure: { kind: "count" } as const,
  };
  return found.kind === "related"
    ? newTest({ kind: "related", relation: found.relation.path, ...measured }, null, {
        kind: "none",
      })
    : newTest({ kind: "event", names: [found.event.name], ...measured }, null, { kind: "none" });
}

interface Props {
  group: Group;
  scope: Scope;
  depth: number;
  /** A narrowing of related rows: other words when empty. */
  narrowing?: boolean;
}

export function GroupBody({ group, scope, depth, narrowing = false }: Props) {
  const { t } = useTranslation("rules");
  const { actions } = useBuilder();
  const several = group.children.length > 1 || (!narrowing && depth > 0);
  return (
    <div className={classes.body} data-depth={depth}>
      {several && <Reading group={group} />}
      {group.children.length === 0 && (
        <p className={classes.empty}>{t(narrowing ? "builder.emptyWhere" : "builder.empty")}</p>
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
      <div className={classes.adders}>
        <FieldFinder
          scope={scope}
          onPick={(found) => actions.add(group.id, group.children.length, startTest(found))}
          target={(open) => (
            <Button
              variant={group.children.length === 0 && !narrowing ? "light" : "subtle"}
              size="compact-sm"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={open}
            >
              {t(narrowing ? "builder.addWhere" : "builder.add")}
            </Button>
          )}
        />
        {(!narrowing || group.children.length > 0) && (
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            leftSection={<IconSquarePlus size={14} aria-hidden />}
            onClick={() =>
              actions.add(
                group.id,
                group.children.length,
                newGroup(group.mode === "any" ? "all" : "any"),
              )
            }
          >
            {t("builder.addGroup")}
          </Button>
        )}
      </div>
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
          w={64}
          min={1}
          max={Math.max(1, group.children.length)}
          value={group.atLeast}
          onChange={(value) => actions.change({ ...group, atLeast: Number(value) || 1 }, group.id)}
        />
      )}
    </div>
  );
}

/** A thin line between conditions that opens while something is dragged over it. */
function DropLine({ groupId, index }: { groupId: string; index: number }) {
  const { actions } = useBuilder();
  const [over, setOver] = useState(false);
  return (
    <div
      className={classes.drop}
      data-over={over || undefined}
      aria-hidden
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes(DRAG_TYPE)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        event.stopPropagation();
        setOver(false);
        const id = event.dataTransfer.getData(DRAG_TYPE);
        if (id) actions.moveTo(id, groupId, index);
      }}
    />
  );
}
