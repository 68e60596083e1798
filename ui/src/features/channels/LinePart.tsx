/** What only LINE has: a monthly quota, and user ids that the catalog does not hold. */
import { Button, FileButton, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { call, type Schemas } from "@/client/http";
import { Facts } from "@/design/Facts";
import { Section } from "@/design/Page";
import { Remark } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { readAddresses } from "./addresses";
import classes from "./channels.module.css";
import { path, type Quota, type Sender } from "./data";

export function LinePart({ sender }: { sender: Sender }) {
  const may = useMay();
  return (
    <>
      <QuotaSection sender={sender} />
      {may("channels.write") && <Addresses sender={sender} />}
    </>
  );
}

function QuotaSection({ sender }: { sender: Sender }) {
  const { t } = useTranslation("channels");
  const format = useFormat();
  // Asks LINE itself: only when somebody wants to know.
  const quota = useMutation({
    mutationFn: () => call<Quota>("GET", `${path(sender.slug)}/quota`),
  });
  const found = quota.data;
  return (
    <Section
      title={t("quota.title")}
      aside={
        <Button
          size="xs"
          variant="default"
          disabled={!sender.ready}
          loading={quota.isPending}
          onClick={() => quota.mutate()}
        >
          {t("quota.ask")}
        </Button>
      }
    >
      {quota.error && <ErrorState error={quota.error} inline />}
      {!found && !quota.error && <p className="muted">{t("quota.text")}</p>}
      {found && (
        <>
          {!found.enough && <Remark tone="warn">{t("quota.short")}</Remark>}
          <Facts
            facts={[
              {
                label: t("quota.limit"),
                value:
                  found.limit === null ? t("quota.noLimit") : format.count(found.limit, "items"),
              },
              { label: t("quota.used"), value: format.count(found.used, "items") },
              {
                label: t("quota.left"),
                value: found.left === null ? t("quota.noLimit") : format.count(found.left, "items"),
              },
              { label: t("quota.expected"), value: format.count(found.expected, "items") },
            ]}
          />
        </>
      )}
    </Section>
  );
}

/** So many go in one request. */
const AT_ONCE = 5_000;
const SHOWN = 10;

function Addresses({ sender }: { sender: Sender }) {
  const { t } = useTranslation("channels");
  const format = useFormat();
  const [text, setText] = useState("");
  const { addresses, wrong } = readAddresses(text);
  const keep = useMutation({
    mutationFn: async () => {
      const sum = { kept: 0, refused: [] as string[] };
      for (let begin = 0; begin < addresses.length; begin += AT_ONCE) {
        const done = await call<Schemas["AddressesOut"]>("POST", `${path(sender.slug)}/addresses`, {
          body: { addresses: addresses.slice(begin, begin + AT_ONCE) },
        });
        sum.kept += done.kept;
        sum.refused.push(...done.refused);
      }
      return sum;
    },
    onSuccess: () => setText(""),
  });
  return (
    <Section
      title={t("addresses.title")}
      aside={
        <FileButton
          accept=".csv,.tsv,.txt,text/csv,text/plain"
          onChange={(file) => void file?.text().then(setText)}
        >
          {(props) => (
            <Button {...props} size="xs" variant="default">
              {t("addresses.file")}
            </Button>
          )}
        </FileButton>
      }
    >
      <p className={classes.text}>{t("addresses.text")}</p>
      <Textarea
        aria-label={t("addresses.title")}
        autosize
        minRows={3}
        maxRows={10}
        spellCheck={false}
        classNames={{ input: classes.mono }}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {wrong.length > 0 && (
        <Remark tone="warn">
          {t("addresses.wrong", {
            lines: wrong.slice(0, SHOWN).join(t("comma")),
            number: format.count(wrong.length, "rows"),
          })}
        </Remark>
      )}
      <div className={classes.row}>
        <Button
          variant="default"
          disabled={addresses.length === 0}
          loading={keep.isPending}
          onClick={() => keep.mutate()}
        >
          {t("addresses.keep", { people: format.count(addresses.length, "people") })}
        </Button>
      </div>
      {keep.error && <ErrorState error={keep.error} inline />}
      {keep.data && (
        <p role="status">
          {t("addresses.kept", { people: format.count(keep.data.kept, "people") })}
          {keep.data.refused.length > 0 &&
            ` ${t("addresses.refused", {
              people: format.count(keep.data.refused.length, "people"),
              ids: keep.data.refused.slice(0, SHOWN).join(t("comma")),
            })}`}
        </p>
      )}
    </Section>
  );
}
