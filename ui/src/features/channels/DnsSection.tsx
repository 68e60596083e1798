/** The records to publish so that mail from this sender is believed. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { Ready } from "@/design/states";
import { Copied } from "@/features/events/Copied";
import classes from "./channels.module.css";
import { dnsQuery, type Sender } from "./data";

export function DnsSection({ sender }: { sender: Sender }) {
  const { t } = useTranslation("channels");
  const records = useQuery(dnsQuery(sender.slug, sender.changed_at));
  return (
    <Section title={t("dns.title")}>
      <p className={classes.text}>{t("dns.text")}</p>
      <Ready query={records} lines={[90, 90]}>
        {(found) =>
          found.length === 0 ? (
            <p className="muted">{t("dns.none")}</p>
          ) : (
            <ul className={classes.records}>
              {found.map((one) => (
                <li key={one.kind + one.name + one.value}>
                  <p className={classes.text}>{one.purpose}</p>
                  <Copied label={t("dns.name", { kind: one.kind })} text={one.name} />
                  <Copied label={t("dns.value")} text={one.value} />
                </li>
              ))}
            </ul>
          )
        }
      </Ready>
      {sender.provider === "smtp" && !sender.config.dkim_domain && (
        <p className="muted">{t("dns.noDkim")}</p>
      )}
    </Section>
  );
}
