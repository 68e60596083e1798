/** Everything that is wrong with the wording, each leading to its place. */
import { Button, Menu } from "@mantine/core";
import { IconAlertTriangle, IconBan, IconCircleCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import styles from "./flow.module.css";
import { PART_IDS, type PartId, type Placed } from "./model/faults";
import type { Body } from "./model/graph";
import type { JourneyFault } from "./types";
import { useWords } from "./words";

interface Props {
  body: Body;
  faults: ReadonlyMap<string, readonly Placed[]>;
  onSelect: (id: string) => void;
}

export function FaultsMenu({ body, faults, onSelect }: Props) {
  const { t } = useTranslation("journeys");
  const words = useWords();
  const all = [...faults.values()].flat();
  const isWarning = ({ fault }: Placed) => (fault as JourneyFault).level === "warn";
  const warned = all.filter(isWarning).length;
  const refused = all.length - warned;
  if (all.length === 0) {
    return (
      <span className={styles.sound}>
        <IconCircleCheck size={15} aria-hidden /> {t("faults.none")}
      </span>
    );
  }
  const nameOf = (place: string) => {
    const step = body.steps[place];
    if (step) return words.title(step);
    return PART_IDS.includes(place as PartId) ? t(`part.${place}`) : place;
  };
  return (
    <Menu position="bottom-end" width={420}>
      <Menu.Target>
        <Button
          size="xs"
          variant="subtle"
          color={refused > 0 ? "shu" : "gray"}
          leftSection={
            refused > 0 ? (
              <IconBan size={15} aria-hidden />
            ) : (
              <IconAlertTriangle size={15} aria-hidden />
            )
          }
        >
          {[
            refused > 0 ? t("canvas.refused", { count: refused }) : "",
            warned > 0 ? t("canvas.warned", { count: warned }) : "",
          ]
            .filter(Boolean)
            .join(t("dot"))}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah="60vh" style={{ overflowY: "auto" }}>
        {[...faults].map(([place, placed]) =>
          placed.map((one, at) => (
            <Menu.Item
              key={`${place}:${one.fault.code}:${at}`}
              onClick={() => onSelect(place)}
              leftSection={
                isWarning(one) ? (
                  <IconAlertTriangle size={15} color="var(--en-warn)" aria-hidden />
                ) : (
                  <IconBan size={15} color="var(--en-shu)" aria-hidden />
                )
              }
            >
              <span className={styles.faultPlace}>{nameOf(place)}</span>
              {one.fault.message}
            </Menu.Item>
          )),
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
