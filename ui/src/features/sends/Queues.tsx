import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { Remark } from "@/design/StatusBadge";
import { useFormat } from "@/design/useFormat";
import { queuesQuery } from "./data";
import classes from "./sends.module.css";

/** Queues are counted to this number; beyond it they are only "more than". */
const COUNTED = 10_000;

/** What waits on each channel now, and what nobody knows the end of; nothing where nothing waits. */
export function Queues() {
  const { t } = useTranslation("sends");
  const format = useFormat();
  const queues = useQuery(queuesQuery);
  if (!queues.data) return null;
  const { items, unknown } = queues.data;
  const busy = items.filter((one) => one.due + one.later + one.attempting + one.held > 0);
  if (busy.length === 0 && unknown === 0) return null;
  const number = (value: number) =>
    value >= COUNTED ? t("queues.over", { number: format.number(COUNTED) }) : format.number(value);
  return (
    <div className={classes.queues}>
      {unknown > 0 && (
        <Remark tone="warn">
          {t("queues.unknown", { items: format.count(unknown, "items") })}{" "}
          <TextLink to="/messages/deliveries" search={{ state: "unknown" }} underline="always">
            {t("queues.look")}
          </TextLink>
        </Remark>
      )}
      {busy.length > 0 && (
        <ul className={classes.waiting} aria-label={t("queues.title")}>
          {busy.map((one) => (
            <li key={`${one.channel}:${one.sender}`}>
              <b>{t(`messages:channel.${one.channel}`)}</b>
              {one.sender && <span className="muted">{one.sender}</span>}
              {(["attempting", "due", "later", "held"] as const).map(
                (what) =>
                  one[what] > 0 && (
                    <span key={what} className="tabular">
                      {t(`queues.${what}`, { items: number(one[what]) })}
                    </span>
                  ),
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
