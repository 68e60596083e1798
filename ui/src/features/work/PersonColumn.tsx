/** The middle column: who she is, what we know, what to say and what not to. */
import { Anchor, Button } from "@mantine/core";
import { IconArrowLeft, IconBan, IconLock, IconPhone } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { Remark, StatusBadge } from "@/design/StatusBadge";
import { ErrorState, Loading } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { Lately } from "../customers/Brief";
import { AskedBy } from "../customers/WalksPart";
import { memberQuery } from "../lists/api";
import { Brief } from "../lists/Brief";
import { MEANING_TONES, PriorityMark } from "../lists/badges";
import type { ListDetail, MemberDetail } from "../lists/types";
import type { Claim } from "./useClaim";
import classes from "./work.module.css";

interface Props {
  list: ListDetail;
  member: number;
  claim: Claim;
  onBack: () => void;
  onSkip: () => void;
}

export function PersonColumn({ list, member, claim, onBack, onSkip }: Props) {
  const { t } = useTranslation("work");
  const query = useQuery(memberQuery(list.id, member));
  return (
    <section className={classes.person} aria-label={t("person.title")}>
      <Button
        className={classes.phoneOnly}
        variant="subtle"
        color="gray"
        size="compact-sm"
        leftSection={<IconArrowLeft size={14} aria-hidden />}
        onClick={onBack}
      >
        {t("queue.title")}
      </Button>
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data ? (
        <>
          <Header list={list} member={query.data} claim={claim} />
          {claim.taken && (
            <Remark tone="warn">
              {claim.taken}{" "}
              <Anchor component="button" type="button" size="sm" onClick={onSkip}>
                {t("person.skip")}
              </Anchor>
            </Remark>
          )}
          {claim.error ? <ErrorState error={claim.error} onRetry={claim.retry} inline /> : null}
          <AskedBy personId={query.data.person_id} list={list.slug} />
          <Brief member={query.data} kinds={list.kinds} guide>
            {!query.data.masked && <Lately personId={query.data.person_id} listId={list.id} />}
          </Brief>
          <div className={classes.phoneBar}>
            <Button
              variant="default"
              fullWidth
              onClick={() => document.getElementById("log")?.scrollIntoView({ block: "start" })}
            >
              {t("person.toLog")}
            </Button>
          </div>
        </>
      ) : (
        <Loading lines={[40, 90, 80, 85, 60]} />
      )}
    </section>
  );
}

function Header({ list, member, claim }: { list: ListDetail; member: MemberDetail; claim: Claim }) {
  const { t } = useTranslation("work");
  const format = useFormat();
  const status = list.statuses.find((one) => one.code === member.status);
  const phones = member.columns.filter(
    (column) =>
      column.format === "phone" && !column.masked && typeof member.values[column.name] === "string",
  );
  const calls = list.kinds.filter((kind) => kind.channel === "phone");
  const callable = !calls.some((kind) => member.gate[kind.code]?.allowed === false);
  return (
    <header className={classes.personHead}>
      <div>
        <h2 className={classes.personName}>
          {member.masked ? member.display : t("person.name", { name: member.display })}
        </h2>
        <div className={classes.personLine}>
          <PriorityMark priority={member.priority} score={member.score} />
          <StatusBadge plain tone={MEANING_TONES[member.meaning]}>
            {status?.label ?? member.status}
          </StatusBadge>
          {member.attempts > 0 && (
            <span className="muted">
              {t("person.attempts", { times: format.count(member.attempts, "times") })}
            </span>
          )}
          {!member.masked && (
            <TextLink to={`/customers/${member.person_id}` as string} size="sm">
              {t("person.customer")}
            </TextLink>
          )}
        </div>
      </div>
      <div className={classes.personSide}>
        {phones.map((column) =>
          callable ? (
            <Anchor
              key={column.name}
              href={`tel:${String(member.values[column.name])}`}
              className={classes.phone}
            >
              <IconPhone size={16} aria-hidden />
              {String(member.values[column.name])}
            </Anchor>
          ) : (
            <span key={column.name} className={classes.noPhone} title={t("person.noCall")}>
              <IconBan size={16} aria-label={t("person.noCall")} />
              {String(member.values[column.name])}
            </span>
          ),
        )}
        {claim.until && (
          <span className={classes.lease}>
            <IconLock size={12} aria-hidden />
            {t("person.kept", { time: format.time(claim.until) })}
          </span>
        )}
      </div>
    </header>
  );
}
