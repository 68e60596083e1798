/** The planning sheet: for whom, to what end, by which steps, with what, when and where. */
import { ActionIcon, Button, Textarea } from "@mantine/core";
import { IconArrowRight, IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import styles from "./journeys.module.css";
import type { Body, Sheet } from "./model/graph";

const PARTS = ["audience", "aim", "content", "timing", "channel"] as const;

export function SheetView({ sheet }: { sheet: Sheet }) {
  const { t } = useTranslation("journeys");
  return (
    <dl className={styles.sheet}>
      {PARTS.slice(0, 2).map((part) => (
        <Part key={part} label={t(`sheet.${part}`)} text={sheet[part]} />
      ))}
      <div className={styles.sheetWide}>
        <dt>{t("sheet.loyalty")}</dt>
        <dd>
          {sheet.loyalty.length === 0 && <span className="muted">{t("sheet.unwritten")}</span>}
          <ol className={styles.loyalty}>
            {sheet.loyalty.map((one, at) => (
              <li key={at}>
                {at > 0 && <IconArrowRight size={14} aria-hidden />}
                <span>{one}</span>
              </li>
            ))}
          </ol>
        </dd>
      </div>
      {PARTS.slice(2).map((part) => (
        <Part key={part} label={t(`sheet.${part}`)} text={sheet[part]} />
      ))}
    </dl>
  );
}

function Part({ label, text }: { label: string; text: string }) {
  const { t } = useTranslation("journeys");
  return (
    <div>
      <dt>{label}</dt>
      <dd>{text || <span className="muted">{t("sheet.unwritten")}</span>}</dd>
    </div>
  );
}

interface Props {
  body: Body;
  change: (next: Body, mark?: string) => void;
}

export function SheetForm({ body, change }: Props) {
  const { t } = useTranslation("journeys");
  const { sheet } = body;
  const set = (part: Partial<Sheet>, mark: string) =>
    change({ ...body, sheet: { ...sheet, ...part } }, `sheet:${mark}`);
  const loyalty = (at: number, text: string) =>
    set({ loyalty: sheet.loyalty.map((one, index) => (index === at ? text : one)) }, `l${at}`);
  return (
    <div className={styles.sheetForm}>
      {PARTS.slice(0, 2).map((part) => (
        <Written key={part} part={part} sheet={sheet} set={set} />
      ))}
      <fieldset className={styles.loyaltyForm}>
        <legend>{t("sheet.loyalty")}</legend>
        {sheet.loyalty.map((one, at) => (
          <div key={at} className={styles.loyaltyRow}>
            <span className="tabular">{at + 1}</span>
            <Textarea
              autosize
              minRows={1}
              maxLength={2000}
              aria-label={t("sheet.loyaltyNo", { number: at + 1 })}
              value={one}
              onChange={(event) => loyalty(at, event.currentTarget.value)}
            />
            <ActionIcon
              aria-label={t("form.remove", { name: t("sheet.loyaltyNo", { number: at + 1 }) })}
              onClick={() =>
                set({ loyalty: sheet.loyalty.filter((_, index) => index !== at) }, "remove")
              }
            >
              <IconX size={15} aria-hidden />
            </ActionIcon>
          </div>
        ))}
        <div>
          <Button
            variant="light"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => set({ loyalty: [...sheet.loyalty, ""] }, "add")}
          >
            {t("sheet.addLoyalty")}
          </Button>
        </div>
      </fieldset>
      {PARTS.slice(2).map((part) => (
        <Written key={part} part={part} sheet={sheet} set={set} />
      ))}
    </div>
  );
}

function Written(props: {
  part: (typeof PARTS)[number];
  sheet: Sheet;
  set: (part: Partial<Sheet>, mark: string) => void;
}) {
  const { part, sheet, set } = props;
  const { t } = useTranslation("journeys");
  return (
    <Textarea
      label={t(`sheet.${part}`)}
      placeholder={t(`sheet.ask.${part}`)}
      autosize
      minRows={2}
      maxRows={10}
      maxLength={2000}
      value={sheet[part]}
      onChange={(event) => set({ [part]: event.currentTarget.value }, part)}
    />
  );
}
