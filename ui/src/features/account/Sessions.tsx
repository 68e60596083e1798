import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { Section } from "@/design/Page";
import { StatusBadge } from "@/design/StatusBadge";
import { ErrorState, Ready } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { browserOf, sessionsQuery } from "./data";
import styles from "./Sessions.module.css";

/** Where one is signed in, and how to end it. */
export function Sessions() {
  const { t } = useTranslation("account");
  const format = useFormat();
  const client = useQueryClient();
  const sessions = useQuery(sessionsQuery);
  const end = useMutation({
    mutationFn: (id: string) => call("DELETE", `/api/auth/sessions/${id}`),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
      told(t("sessions.ended"));
    },
  });
  return (
    <Section title={t("sessions.title")}>
      <Ready query={sessions}>
        {(found) => (
          <ul className={styles.list}>
            {found.map((one) => (
              <li key={one.id} className={styles.row}>
                <div>
                  <div>
                    {browserOf(one.agent) || t("sessions.unknown")}{" "}
                    {one.current && (
                      <StatusBadge tone="good" plain>
                        {t("sessions.current")}
                      </StatusBadge>
                    )}
                  </div>
                  <div className="muted">
                    {t("sessions.seen", { at: format.relative(one.last_seen_at), ip: one.ip })}
                  </div>
                </div>
                {!one.current && (
                  <Button
                    variant="subtle"
                    size="compact-sm"
                    loading={end.isPending && end.variables === one.id}
                    onClick={() => end.mutate(one.id)}
                  >
                    {t("sessions.end")}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        )}
      </Ready>
      {end.error && <ErrorState error={end.error} inline />}
    </Section>
  );
}
