import { useTranslation } from "react-i18next";
import { useFormat } from "@/design/useFormat";
import classes from "./segments.module.css";

/** How many came in and how many left: +120 −34. */
export function Flow({ entered, left }: { entered: number; left: number }) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  return (
    <span className={classes.flow}>
      <span className={classes.hidden}>
        {t("flow.words", {
          entered: format.count(entered, "people"),
          left: format.count(left, "people"),
        })}
      </span>
      <span aria-hidden data-none={entered === 0 || undefined}>
        +{format.number(entered)}
      </span>
      <span aria-hidden data-none={left === 0 || undefined}>
        −{format.number(left)}
      </span>
    </span>
  );
}
