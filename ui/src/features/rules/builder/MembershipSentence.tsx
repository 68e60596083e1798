/** In a segment or on a list, or not; come in or gone out within a period. */
import { IconListCheck, IconUsersGroup } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Membership } from "../model/blocks";
import classes from "./builder.module.css";
import { useBuilder } from "./context";
import { InlineSelect } from "./InlineSelect";
import { SetPicker } from "./SetPicker";
import { Particle } from "./TestSentence";
import { NO_FIELD, ValuesPicker } from "./ValuesPicker";
import { WindowEditor } from "./WindowEditor";

type Standing = "in" | "out" | "entered" | "left" | "notEntered" | "notLeft";

function standing({ crossing, not }: Membership): Standing {
  if (crossing === null) return not ? "out" : "in";
  if (crossing === "entered") return not ? "notEntered" : "entered";
  return not ? "notLeft" : "left";
}

const STANDS: Record<Standing, Pick<Membership, "not" | "crossing">> = {
  in: { not: false, crossing: null },
  out: { not: true, crossing: null },
  entered: { not: false, crossing: "entered" },
  left: { not: false, crossing: "left" },
  notEntered: { not: true, crossing: "entered" },
  notLeft: { not: true, crossing: "left" },
};

export function MembershipSentence({ block }: { block: Membership }) {
  const { t } = useTranslation("rules");
  const { sets, locale, actions } = useBuilder();
  const known = sets.find((one) => one.kind === block.set && one.slug === block.slug);
  const now = standing(block);
  const ways: Standing[] =
    block.set === "list"
      ? ["in", "out"]
      : ["in", "out", "entered", "left", "notEntered", "notLeft"];
  const how = (
    <InlineSelect
      key="how"
      label={t("membership.how")}
      value={now}
      tone="strong"
      choices={ways.map((one) => ({ value: one, label: t(`membership.${block.set}.${one}`) }))}
      onChange={(next) => {
        const stands = STANDS[next as Standing];
        const window =
          stands.crossing === null ? null : (block.window ?? { kind: "last", length: "30d" });
        actions.change({ ...block, ...stands, window });
      }}
    />
  );
  const what = (
    <SetPicker
      key="what"
      kind={block.set}
      slug={block.slug}
      onPick={(set) =>
        actions.change({
          ...block,
          set: set.kind,
          slug: set.slug,
          statuses: null,
          ...(set.kind === "list" ? { crossing: null, window: null } : {}),
        })
      }
    />
  );
  const status = block.set === "list" && (
    <span key="status" className={classes.operand}>
      <Particle>{t("membership.status")}</Particle>
      <ValuesPicker
        field={NO_FIELD}
        values={block.statuses ?? []}
        multiple
        fixed={known?.statuses.map((one) => one.name) ?? block.statuses ?? []}
        labels={(name) => known?.statuses.find((one) => one.name === name)?.label[locale] ?? name}
        placeholder={t("membership.openStatuses")}
        onChange={(values) =>
          actions.change({ ...block, statuses: values.length > 0 ? values.map(String) : null })
        }
      />
    </span>
  );
  const when = block.window && (
    <WindowEditor
      key="when"
      window={block.window}
      instants
      onChange={(window) => actions.change({ ...block, window })}
    />
  );
  const Icon = block.set === "list" ? IconListCheck : IconUsersGroup;
  return (
    <div className={classes.sentence} data-excluding={now === "out" || undefined}>
      <span className={classes.kind}>
        <Icon size={14} aria-hidden />
        {t(now === "out" ? "membership.exclusion" : `membership.kind.${block.set}`)}
      </span>
      {locale === "ja" ? (
        <>
          {what}
          <Particle>{t("membership.particle")}</Particle>
          {status}
          {when}
          {how}
        </>
      ) : (
        <>
          {how}
          {what}
          {status}
          {when}
        </>
      )}
    </div>
  );
}
