/** Whether the person may be contacted, and if not: why, until when, and who could allow it. */
import { useTranslation } from "react-i18next";
import { Alarm, Remark } from "@/design/StatusBadge";
import { useFormat } from "@/design/useFormat";
import { DecisionReasons } from "@/features/gate";
import { alike, type Group, shared } from "./stopped";
import type { Kind, MemberDetail } from "./types";

interface Props {
  member: MemberDetail;
  kinds: readonly Kind[];
}

/** Blocked on every way: an alarm. On some, or only for a while: a remark that says so. */
export function GateNotice({ member, kinds }: Props) {
  const decisions = kinds.flatMap((kind) => {
    const decision = member.gate[kind.code];
    return decision ? [{ kind, decision }] : [];
  });
  const stopped = decisions.filter(({ decision }) => !decision.allowed);
  const groups = alike(stopped);
  if (stopped.length === decisions.length && groups.every((one) => one.decision.answer === "deny"))
    return <Blocked groups={groups} />;
  return groups.map((group) => (
    <Notice key={`${group.decision.answer}:${group.decision.sentence}`} {...group} />
  ));
}

/** No way is open: what stops them all once, and what else stops some. */
function Blocked({ groups }: { groups: readonly Group[] }) {
  const { t } = useTranslation("lists");
  const [first] = groups;
  if (!first) return null;
  const { common, rest } = shared(groups);
  return (
    <Alarm title={t("gate.blocked")}>
      <DecisionReasons decision={{ ...first.decision, reasons: common }} />
      {rest.map(({ decision, kinds }) => (
        <div key={decision.sentence}>
          <span className="muted">{kinds.map((kind) => kind.label).join(t("comma"))}</span>
          <DecisionReasons decision={decision} />
        </div>
      ))}
    </Alarm>
  );
}

function Notice({ decision, kinds }: Group) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  const names = kinds.map((kind) => kind.label).join(t("comma"));
  const title =
    decision.answer === "defer" && decision.until
      ? t("gate.later", { kinds: names, at: format.dateTime(decision.until) })
      : decision.answer === "needs_approval"
        ? t("gate.approval", { kinds: names })
        : t("gate.some", { kinds: names });
  return (
    <Remark tone="warn">
      {title}
      <DecisionReasons decision={decision} />
    </Remark>
  );
}
