/** Whether the person may be contacted, and if not: why, until when, and who could allow it. */
import { useTranslation } from "react-i18next";
import { Alarm, Remark } from "@/design/StatusBadge";
import { useFormat } from "@/design/useFormat";
import { DecisionReasons } from "@/features/gate";
import { alike, type Group } from "./stopped";
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
  const every = stopped.length === decisions.length;
  return alike(stopped).map((group) => (
    <Notice key={`${group.decision.answer}:${group.decision.sentence}`} {...group} every={every} />
  ));
}

function Notice({ decision, kinds, every }: Group & { every: boolean }) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  const names = kinds.map((kind) => kind.label).join(t("comma"));
  const title =
    decision.answer === "defer" && decision.until
      ? t("gate.later", { kinds: names, at: format.dateTime(decision.until) })
      : decision.answer === "needs_approval"
        ? t("gate.approval", { kinds: names })
        : t("gate.some", { kinds: names });
  if (decision.answer === "deny" && every) {
    return (
      <Alarm title={t("gate.blocked")}>
        <DecisionReasons decision={decision} />
      </Alarm>
    );
  }
  return (
    <Remark tone="warn">
      {title}
      <DecisionReasons decision={decision} />
    </Remark>
  );
}
