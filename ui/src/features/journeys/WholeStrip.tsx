/** What holds at every step: goal, exits, holds, success, purpose. Each opens in the inspector. */
import {
  IconDoorExit,
  IconFlag,
  IconHandStop,
  IconInfoCircle,
  IconTargetArrow,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import styles from "./flow.module.css";
import type { PartId, Placed } from "./model/faults";
import { type Body, DEFAULT_HOLDS, HOLD_KINDS } from "./model/graph";
import type { JourneyFault } from "./types";
import { useChoices, useWords } from "./words";

interface Props {
  body: Body;
  faults: ReadonlyMap<string, readonly Placed[]>;
  selected: string | null;
  onSelect: (id: string | null) => void;
}

export function WholeStrip({ body, faults, selected, onSelect }: Props) {
  const { t } = useTranslation("journeys");
  const words = useWords();
  const choices = useChoices();
  const answers = HOLD_KINDS.map((kind) => body.holds[kind] ?? DEFAULT_HOLDS[kind]);
  const some = (list: readonly string[]) =>
    list.length === 0
      ? t("whole.none")
      : list.length > 1
        ? t("whole.more", { first: list[0], count: list.length - 1 })
        : (list[0] ?? "");
  const purpose = choices?.purposes.find((one) => one.value === body.purpose)?.label;
  const parts: { id: PartId; Icon: typeof IconFlag; text: string }[] = [
    {
      id: "_about",
      Icon: IconInfoCircle,
      text: purpose ?? (body.purpose ? known(choices, body.purpose) : t("unchosen")),
    },
    { id: "_goal", Icon: IconFlag, text: some(body.goal.signals.map(words.signal)) },
    { id: "_exits", Icon: IconDoorExit, text: some(body.exits.map(words.signal)) },
    {
      id: "_holds",
      Icon: IconHandStop,
      text: t("whole.holds", {
        paused: answers.filter((one) => one === "pause").length,
        ended: answers.filter((one) => one === "end").length,
      }),
    },
    {
      id: "_measure",
      Icon: IconTargetArrow,
      text: some(
        body.conversions.map(
          (one) => words.both(one.name) || one.event.map(words.labels.event).join(t("or")),
        ),
      ),
    },
  ];
  return (
    <nav className={styles.whole} aria-label={t("whole.title")}>
      {parts.map(({ id, Icon, text }) => (
        <button
          key={id}
          type="button"
          className={styles.part}
          data-selected={selected === id || undefined}
          aria-pressed={selected === id}
          title={text}
          onClick={() => onSelect(selected === id ? null : id)}
        >
          <Icon size={15} stroke={1.7} aria-hidden />
          <span className={styles.partName}>{t(`part.${id}`)}</span>
          <span className={styles.partText}>{text}</span>
          <Mark faults={faults.get(id) ?? []} />
        </button>
      ))}
    </nav>
  );
}

/** A purpose that is not there any more by its name; nothing while it is not known yet. */
function known(choices: unknown, purpose: string): string {
  return choices ? purpose : "";
}

function Mark({ faults }: { faults: readonly Placed[] }) {
  const { t } = useTranslation("journeys");
  const warned = faults.filter(({ fault }) => (fault as JourneyFault).level === "warn").length;
  const refused = faults.length - warned;
  if (faults.length === 0) return null;
  return (
    <span className={styles.partFaults} data-level={refused > 0 ? "refuse" : "warn"}>
      {refused > 0
        ? t("outline.faults", { count: refused })
        : t("outline.warnings", { count: warned })}
    </span>
  );
}
