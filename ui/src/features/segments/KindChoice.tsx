/** The kinds of segments, each explained in a line. */
import { Radio } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { KINDS } from "./routes";
import classes from "./segments.module.css";
import type { Kind } from "./types";

export function KindChoice({ value, onChange }: { value: Kind; onChange: (kind: Kind) => void }) {
  const { t } = useTranslation("segments");
  return (
    <Radio.Group
      value={value}
      onChange={(kind) => onChange(kind as Kind)}
      aria-label={t("column.kind")}
    >
      <div className={classes.kinds}>
        {KINDS.map((kind) => (
          <Radio.Card
            key={kind}
            value={kind}
            className={classes.kind}
            aria-label={t(`kind.${kind}`)}
          >
            <Radio.Indicator size="xs" />
            <span>
              <span className={classes.kindName}>{t(`kind.${kind}`)}</span>
              <span className={classes.kindText}>{t(`kindText.${kind}`)}</span>
            </span>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  );
}
