/** What counts as success, and what contacts cost. */
import { NumberInput, Stack, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useEditing } from "../forms/editing";
import styles from "../forms/forms.module.css";
import { EventFieldPick, EventsPick } from "../forms/Picks";
import { WhereField } from "../forms/SignalForm";
import { SpanInput } from "../forms/SpanInput";
import { wordsFor } from "../model/faults";
import { type Conversion, MESSAGE_CHANNELS, TASK_CONTACTS } from "../model/graph";
import { Items } from "./Items";

/** What a contact can cost: by channel, by the kind of a human's, and by any other human's. */
export const COST_CHANNELS = [...MESSAGE_CHANNELS, ...TASK_CONTACTS, "person"] as const;

export function MeasurePart({ channels = COST_CHANNELS }: { channels?: readonly string[] }) {
  const { t } = useTranslation("journeys");
  const { body, change, readOnly, faults } = useEditing();
  return (
    <Stack gap="md">
      <p className={styles.hint}>{t("part.measureHelp")}</p>
      <Items<Conversion>
        items={body.conversions}
        most={10}
        fresh={() => ({
          name: { ja: "", en: "" },
          event: [],
          where: null,
          window: "14d",
          value: "",
        })}
        add={t("form.addConversion")}
        title={(number) => t("form.conversion", { number })}
        onChange={(conversions, mark) => change({ ...body, conversions }, mark && `conv:${mark}`)}
      >
        {(one, set, at) => (
          <>
            <div className={styles.row}>
              {(["ja", "en"] as const).map((language) => (
                <TextInput
                  key={language}
                  className={styles.grow}
                  label={t(`form.label_${language}`)}
                  maxLength={200}
                  value={one.name[language]}
                  onChange={(event) =>
                    set({ ...one, name: { ...one.name, [language]: event.currentTarget.value } })
                  }
                />
              ))}
            </div>
            <EventsPick
              label={t("form.events")}
              value={one.event}
              error={wordsFor(faults, `conversions[${at}].event`)}
              onChange={(event) => set({ ...one, event })}
            />
            <WhereField
              field={`conversions[${at}].where`}
              where={one.where}
              events={one.event}
              readOnly={readOnly}
              onChange={(where) => set({ ...one, where })}
            />
            <SpanInput
              label={t("form.window")}
              value={one.window}
              onChange={(window) => set({ ...one, window })}
            />
            <EventFieldPick
              label={t("form.value")}
              description={t("form.valueHelp")}
              events={one.event}
              value={one.value}
              error={wordsFor(faults, `conversions[${at}].value`)}
              onChange={(value) => set({ ...one, value })}
            />
          </>
        )}
      </Items>
      <section className={styles.group}>
        <h3 className={styles.groupTitle}>{t("form.cost")}</h3>
        {channels.length > 1 && <p className={styles.hint}>{t("form.costHelp")}</p>}
        <div className={styles.row}>
          {channels.map((channel) => (
            <NumberInput
              key={channel}
              size="xs"
              w={116}
              min={0}
              decimalScale={2}
              label={t(`costOf.${channel}`)}
              value={body.cost[channel] ?? ""}
              onChange={(value) => {
                const { [channel]: _, ...rest } = body.cost;
                const cost = value === "" ? rest : { ...rest, [channel]: Number(value) };
                change({ ...body, cost }, `cost:${channel}`);
              }}
            />
          ))}
        </div>
      </section>
    </Stack>
  );
}
