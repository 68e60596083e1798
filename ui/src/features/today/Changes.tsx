import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { useFormat } from "@/design/useFormat";
import type { Today } from "../lists/types";
import classes from "./today.module.css";

export function Changes({ changes }: { changes: Today["changes"] }) {
  const { t } = useTranslation("today");
  const format = useFormat();
  return (
    <ul className={classes.lines}>
      {changes.map((one) => (
        <li key={one.build_id}>
          <TextLink to="/lists/$id" params={{ id: one.list_id }} search={{ panel: "changes" }}>
            {one.list_name}
          </TextLink>
          <span>
            {[
              one.added > 0 && t("changes.added", { people: format.count(one.added, "people") }),
              one.left > 0 && t("changes.left", { people: format.count(one.left, "people") }),
              one.changed > 0 &&
                t("changes.changed", { people: format.count(one.changed, "people") }),
            ]
              .filter(Boolean)
              .join(t("comma"))}
          </span>
          <span className="muted">{format.relative(one.at)}</span>
        </li>
      ))}
    </ul>
  );
}
