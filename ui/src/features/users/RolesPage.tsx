import { UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { SettingsTabs } from "@/app/SettingsTabs";
import { useMay } from "@/app/session";
import { Page } from "@/design/Page";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { checkQuery, type RoleName, rolesQuery } from "./data";
import { RolePanel } from "./RolePanel";
import styles from "./Roles.module.css";

/** What each role sees: its rows as a sentence, and how far personal data is shown. */
export function RolesPage() {
  const { t } = useTranslation("users");
  const { open } = useSearch({ from: "/frame/settings/roles" });
  const navigate = useNavigate({ from: "/settings/roles" });
  const format = useFormat();
  const roles = useQuery(rolesQuery);
  const show = (role: RoleName | undefined) => void navigate({ search: { open: role } });
  const opened = roles.data?.items.find((one) => one.name === open);
  return (
    <Page title={t("roles.title")} lead={t("roles.lead")} tabs={<SettingsTabs value="roles" />}>
      <Ready query={roles} lines={[100, 100, 100, 100]}>
        {(found) => (
          <div className={styles.cards}>
            {found.items.map((role) => (
              <UnstyledButton
                key={role.name}
                className={styles.card}
                data-active={open === role.name || undefined}
                onClick={() => show(role.name)}
              >
                <span className={styles.name}>{t(`app:role.${role.name}`)}</span>
                <span className={styles.text}>{t(`roleText.${role.name}`)}</span>
                <dl className={styles.facts}>
                  <div>
                    <dt>{t("roles.scope")}</dt>
                    <dd>
                      <Scope rule={role.scope} />
                    </dd>
                  </div>
                  <div>
                    <dt>{t("title")}</dt>
                    <dd>{format.count(role.users, "people")}</dd>
                  </div>
                  <div>
                    <dt>{t("roles.pii")}</dt>
                    <dd>{t(`pii.${role.pii}`)}</dd>
                  </div>
                </dl>
              </UnstyledButton>
            ))}
          </div>
        )}
      </Ready>
      {opened && <RolePanel key={opened.name} role={opened} onClose={() => show(undefined)} />}
    </Page>
  );
}

/** A row scope in words. */
function Scope({ rule }: { rule: unknown }) {
  const { t } = useTranslation("users");
  const may = useMay();
  const check = useQuery({ ...checkQuery(rule), enabled: rule !== null && may("rules.preview") });
  if (rule === null) return t("roles.everyRow");
  return check.data?.sentence || t("roles.ruleSet");
}
