/** Why an action is done, as the planning sheet asks: 5W1H, its holes marked. */
import { Textarea } from "@mantine/core";
import { IconCircleCheck, IconCircleDashed } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { CARD_PARTS, CARD_WRITTEN, type Card, type CardPart } from "../model/graph";
import type { CardOut } from "../types";
import { useEditing } from "./editing";
import styles from "./forms.module.css";

interface Props {
  step: string;
  card: Card;
  onChange: (card: Card, mark: string) => void;
}

export function CardForm({ step, card, onChange }: Props) {
  const { t } = useTranslation("journeys");
  const { cards, readOnly } = useEditing();
  const told: CardOut | undefined = cards.find((one) => one.step === step);
  const isHole = (part: CardPart) =>
    card[part].trim() === "" && (CARD_WRITTEN.includes(part) || (told?.[part].missing ?? false));
  const holes = CARD_PARTS.filter(isHole).length;
  return (
    <section className={styles.card} aria-label={t("card.title")}>
      <header className={styles.cardHead}>
        <span>{t("card.title")}</span>
        <span className={styles.cardState} data-holes={holes > 0 || undefined}>
          {holes > 0 ? (
            <IconCircleDashed size={14} aria-hidden />
          ) : (
            <IconCircleCheck size={14} aria-hidden />
          )}
          {holes > 0 ? t("card.holes", { count: holes }) : t("card.full")}
        </span>
      </header>
      {CARD_PARTS.map((part) => {
        const needed = CARD_WRITTEN.includes(part);
        const hole = isHole(part);
        const derived = told?.[part].derived ? told[part].text : "";
        return (
          <div key={part} className={styles.cardRow} data-hole={hole || undefined}>
            <Textarea
              label={t(`card.${part}`)}
              description={hole && !readOnly && needed ? t(`card.ask.${part}`) : undefined}
              placeholder={needed || hole ? undefined : derived || t("card.fromGraph")}
              autosize
              minRows={1}
              maxRows={6}
              maxLength={2000}
              value={card[part]}
              onChange={(event) =>
                onChange({ ...card, [part]: event.currentTarget.value }, `${step}:card.${part}`)
              }
            />
          </div>
        );
      })}
    </section>
  );
}
