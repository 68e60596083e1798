import { Button, Radio, Select, Stack, Textarea } from "@mantine/core";
import { DatePickerInput } from "@mantine/dates";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "@/app/session";
import { call } from "@/client/http";
import { RightPanel } from "@/design/RightPanel";
import { Remark } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { CHANNELS, type Channel } from "@/features/gate/types";
import { productsQuery, restrictPath } from "./data";
import { HOLDS, type Hold, type Person, type Restrict, type Restriction } from "./types";

interface RestrictPanelProps {
  person: Person;
  type: Restrict;
  onClose: () => void;
}

/** Writes down that somebody must not be contacted: it holds at once, on every list. */
export function RestrictPanel({ person, type, onClose }: RestrictPanelProps) {
  const { t, i18n } = useTranslation("customers");
  const client = useQueryClient();
  const today = useSession()?.workspace.today;
  const [product, setProduct] = useState("");
  const [channel, setChannel] = useState<Channel | "">("");
  const [kind, setKind] = useState<Hold>("complaint");
  const [until, setUntil] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const products = useQuery({ ...productsQuery, enabled: type === "refusal" });
  const refused = products.data?.find((one) => one.code === product);
  const called = i18n.language === "en" ? "label_en" : "label_ja";
  const offered = (kind: "product" | "purpose") => ({
    group: t(`restrict.group.${kind}`),
    items: (products.data ?? [])
      .filter((one) => one.kind === kind)
      .map((one) => ({ value: one.code, label: one[called] })),
  });
  // A date means the whole of that day.
  const end = until ? `${until}T23:59:59` : null;
  const body =
    type === "hold"
      ? { kind, until: end, note: reason }
      : {
          ...(type === "refusal" && refused
            ? {
                product: refused.code,
                product_label_ja: refused.label_ja,
                product_label_en: refused.label_en,
              }
            : {}),
          channel: channel || null,
          until: end,
          reason,
        };
  const save = useMutation({
    mutationFn: () => call<Restriction>("POST", restrictPath[type](person.id), { body }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["customer", person.id] });
      told(t(`restrict.${type}.done`, { name: person.display ?? person.key }));
      onClose();
    },
  });
  return (
    <RightPanel
      title={t(`restrict.${type}.title`)}
      lead={person.display ?? person.key}
      onClose={onClose}
      footer={
        <Button
          type="submit"
          form="restrict"
          loading={save.isPending}
          disabled={type !== "hold" && !reason.trim()}
        >
          {t("restrict.save")}
        </Button>
      }
    >
      <form
        id="restrict"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack gap="md">
          <Remark>{t(`restrict.${type}.text`)}</Remark>
          {type === "hold" && (
            <Radio.Group
              label={t("restrict.kind")}
              value={kind}
              onChange={(value) => setKind(value as Hold)}
            >
              <Stack gap="xs" mt={4}>
                {HOLDS.map((one) => (
                  <Radio
                    key={one}
                    value={one}
                    label={t(`hold.${one}`)}
                    description={t(`holdText.${one}`)}
                  />
                ))}
              </Stack>
            </Radio.Group>
          )}
          {type === "refusal" && (
            <Select
              label={t("restrict.product")}
              description={t("restrict.productText")}
              allowDeselect={false}
              searchable
              value={product}
              data={[
                { value: "", label: t("restrict.everything") },
                offered("product"),
                offered("purpose"),
              ]}
              onChange={(code) => setProduct(code ?? "")}
            />
          )}
          {type !== "hold" && (
            <Select
              label={t("restrict.channel")}
              value={channel}
              allowDeselect={false}
              data={[
                { value: "", label: t("restrict.everyChannel") },
                ...CHANNELS.map((one) => ({ value: one, label: t(`gate:channel.${one}`) })),
              ]}
              onChange={(value) => setChannel((value ?? "") as Channel | "")}
            />
          )}
          <DatePickerInput
            label={t("restrict.until")}
            description={t("restrict.untilText")}
            clearable
            minDate={today}
            valueFormat="YYYY/MM/DD"
            value={until}
            onChange={setUntil}
          />
          <Textarea
            label={type === "hold" ? t("restrict.note") : t("restrict.reason")}
            autosize
            minRows={3}
            maxLength={2000}
            required={type !== "hold"}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {products.error && <ErrorState error={products.error} inline />}
          {save.error && <ErrorState error={save.error} inline />}
        </Stack>
      </form>
    </RightPanel>
  );
}
