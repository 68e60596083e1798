/** Every policy as a sentence: what the gate goes by. */
import { Anchor, Button, Menu } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { Page, Section } from "@/design/Page";
import { StatusBadge } from "@/design/StatusBadge";
import { Empty, Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { policiesQuery } from "./data";
import { GateTabs } from "./GateTabs";
import classes from "./policies.module.css";
import { NEW_KINDS, type Policy } from "./types";

export function PoliciesPage() {
  const { t } = useTranslation("policies");
  const may = useMay();
  const { retired } = useSearch({ from: "/frame/settings/gate" });
  const navigate = useNavigate({ from: "/settings/gate" });
  const policies = useQuery(policiesQuery);
  return (
    <Page
      title={t("title")}
      lead={t("lead")}
      tabs={<GateTabs value="policies" />}
      action={may("policies.write") && <NewMenu />}
    >
      <Ready query={policies} lines={[90, 90, 90, 90]}>
        {(found) => {
          const live = found.filter((one) => one.state !== "retired");
          const gone = found.filter((one) => one.state === "retired");
          return (
            <>
              <Group title={t("group.ground")} policies={live.filter((one) => one.ground)} />
              <Group
                title={t("group.own")}
                policies={live.filter((one) => !one.ground)}
                empty={<Empty title={t("none")}>{t("noneText")}</Empty>}
              />
              {retired && <Group title={t("group.retired")} policies={gone} />}
              {gone.length > 0 && (
                <Anchor
                  component="button"
                  type="button"
                  size="sm"
                  onClick={() => void navigate({ search: { retired: retired ? undefined : true } })}
                >
                  {retired ? t("hideRetired") : t("showRetired", { count: gone.length })}
                </Anchor>
              )}
            </>
          );
        }}
      </Ready>
    </Page>
  );
}

function NewMenu() {
  const { t } = useTranslation("policies");
  const navigate = useNavigate();
  return (
    <Menu position="bottom-end" width={300}>
      <Menu.Target>
        <Button color="shu" data-main-action rightSection={<IconChevronDown size={14} />}>
          {t("new.open")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {NEW_KINDS.map((kind) => (
          <Menu.Item
            key={kind}
            onClick={() => void navigate({ to: "/settings/gate/policies/new", search: { kind } })}
          >
            {t(`kind.${kind}`)}
            <div className={classes.hint}>{t(`kindText.${kind}`)}</div>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Group({
  title,
  policies,
  empty,
}: {
  title: string;
  policies: readonly Policy[];
  empty?: React.ReactNode;
}) {
  return (
    <Section title={title}>
      {policies.length === 0 ? (
        empty
      ) : (
        <ul className={classes.policies}>
          {policies.map((policy) => (
            <Row key={policy.id} policy={policy} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Row({ policy }: { policy: Policy }) {
  const { t } = useTranslation("policies");
  const format = useFormat();
  return (
    <li>
      <Link
        to="/settings/gate/policies/$policyId"
        params={{ policyId: policy.id }}
        className={classes.policy}
      >
        <span className={classes.policyName}>
          {policy.name}
          <span className="muted"> {t(`kind.${policy.kind}`)}</span>
        </span>
        <span className={classes.sentence}>{policy.sentence}</span>
        <span className={classes.marks}>
          <StateBadge policy={policy} />
          <span className="muted">
            {[
              policy.version !== null && t("version", { version: policy.version }),
              t("exampleCount", { count: policy.examples }),
              format.date(policy.changed_at),
            ]
              .filter(Boolean)
              .join(t("dot"))}
          </span>
        </span>
      </Link>
    </li>
  );
}

export function StateBadge({ policy }: { policy: Pick<Policy, "state" | "draft"> }) {
  const { t } = useTranslation("policies");
  if (policy.state === "retired") {
    return (
      <StatusBadge tone="neutral" plain>
        {t("state.retired")}
      </StatusBadge>
    );
  }
  return (
    <>
      {policy.state === "published" && (
        <StatusBadge tone="good" plain>
          {t("state.published")}
        </StatusBadge>
      )}
      {policy.draft && (
        <StatusBadge tone="draft" plain>
          {t("state.draft")}
        </StatusBadge>
      )}
    </>
  );
}
