/** Which contacts are meant: nothing chosen is all of them. */
import { MultiSelect, SimpleGrid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { catalogQuery } from "@/features/data/data";
import { CHANNELS } from "@/features/gate/types";
import { type Applies, CLASSES } from "../types";

interface Props {
  value: Applies;
  onChange: (value: Applies) => void;
}

/** The purposes that the catalog names. */
export function useNamedPurposes(): { value: string; label: string }[] {
  const catalog = useQuery(catalogQuery);
  return (catalog.data?.purposes ?? []).map((one) => ({ value: one.name, label: one.label }));
}

const CARE = ["service", "transactional"] as const;

/** Every purpose a contact may have: the catalog's, and care and formalities beside them. */
export function usePurposes(): { value: string; label: string }[] {
  const { t } = useTranslation("policies");
  const named = useNamedPurposes();
  const more = CARE.filter((one) => named.every((other) => other.value !== one));
  return [...named, ...more.map((one) => ({ value: one, label: t(`gate:class.${one}`) }))];
}

export function AppliesForm({ value, onChange }: Props) {
  const { t } = useTranslation("policies");
  const purposes = usePurposes();
  const known = new Set(purposes.map((one) => one.value));
  // A purpose that the catalog no longer names stays in the policy until it is taken out.
  const strange = (value.purposes ?? []).filter((one) => !known.has(one));
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
      <MultiSelect
        label={t("applies.channels")}
        placeholder={value.channels?.length ? undefined : t("applies.all")}
        clearable
        value={value.channels ?? []}
        data={CHANNELS.map((one) => ({ value: one, label: t(`gate:channel.${one}`) }))}
        onChange={(channels) => onChange({ ...value, channels: channels as Applies["channels"] })}
      />
      <MultiSelect
        label={t("applies.classes")}
        placeholder={value.classes?.length ? undefined : t("applies.all")}
        clearable
        value={value.classes ?? []}
        data={CLASSES.map((one) => ({ value: one, label: t(`gate:class.${one}`) }))}
        onChange={(classes) => onChange({ ...value, classes: classes as Applies["classes"] })}
      />
      <MultiSelect
        label={t("applies.purposes")}
        placeholder={value.purposes?.length ? undefined : t("applies.all")}
        clearable
        value={value.purposes ?? []}
        data={[...purposes, ...strange.map((one) => ({ value: one, label: one }))]}
        onChange={(chosen) => onChange({ ...value, purposes: chosen })}
      />
    </SimpleGrid>
  );
}
