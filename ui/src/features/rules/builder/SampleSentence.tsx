/** A share of everybody, drawn by a word: the same word draws the same people. */
import { NumberInput, TextInput } from "@mantine/core";
import { IconDice3 } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Sample } from "../model/blocks";
import classes from "./builder.module.css";
import { useBuilder } from "./context";
import { Particle } from "./TestSentence";

export function SampleSentence({ block }: { block: Sample }) {
  const { t } = useTranslation("rules");
  const { actions } = useBuilder();
  return (
    <div className={classes.sentence}>
      <span className={classes.kind}>
        <IconDice3 size={14} aria-hidden />
        {t("sample.kind")}
      </span>
      <NumberInput
        size="xs"
        w={96}
        min={0}
        max={100}
        decimalScale={2}
        suffix="%"
        aria-label={t("sample.percent")}
        value={block.percent}
        onChange={(percent) =>
          actions.change({ ...block, percent: Number(percent) || 0 }, `${block.id}:percent`)
        }
      />
      <Particle>{t("sample.by")}</Particle>
      <TextInput
        size="xs"
        w={140}
        aria-label={t("sample.salt")}
        placeholder={t("sample.saltHint")}
        value={block.salt}
        onChange={(event) =>
          actions.change({ ...block, salt: event.currentTarget.value }, `${block.id}:salt`)
        }
      />
      <span className={classes.hint}>{t("sample.help")}</span>
    </div>
  );
}
