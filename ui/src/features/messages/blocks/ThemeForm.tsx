import { ColorInput, NumberInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { THEME, type Theme } from "../model/body";
import classes from "./blocks.module.css";

interface Props {
  theme: Theme;
  onChange: (theme: Theme) => void;
  readOnly: boolean;
}

const COLOURS = ["accent", "ink", "paper", "page"] as const;

/** The colours of a mail by day; by night they are derived. */
export function ThemeForm({ theme, onChange, readOnly }: Props) {
  const { t } = useTranslation("messages");
  return (
    <>
      <h3 className={classes.heading}>{t("theme.title")}</h3>
      <div className={classes.pair}>
        {COLOURS.map((name) => (
          <ColorInput
            key={name}
            label={t(`theme.${name}`)}
            size="xs"
            format="hex"
            withEyeDropper={false}
            readOnly={readOnly}
            value={theme[name]}
            swatches={[THEME[name]]}
            popoverProps={{ withinPortal: true }}
            onChange={(value) => {
              if (/^#[0-9a-f]{6}$/i.test(value)) onChange({ ...theme, [name]: value });
            }}
          />
        ))}
        <NumberInput
          label={t("theme.radius")}
          size="xs"
          min={0}
          max={32}
          allowDecimal={false}
          readOnly={readOnly}
          value={theme.radius}
          onChange={(radius) =>
            onChange({ ...theme, radius: typeof radius === "number" ? radius : THEME.radius })
          }
        />
      </div>
    </>
  );
}
