/** Right of the canvas: what is chosen there. */
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowsDiagonal,
  IconBan,
  IconCopy,
  IconTrash,
  IconX,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { RightPanel } from "@/design/RightPanel";
import { catalogQuery } from "@/features/rules";
import { EditingProvider } from "../forms/editing";
import formStyles from "../forms/forms.module.css";
import { STEP_ICONS } from "../icons";
import { PARTS, type PartId, type Placed } from "../model/faults";
import type { Body } from "../model/graph";
import type { CardOut, JourneyFault } from "../types";
import { useChoices, useWords } from "../words";
import styles from "./inspector.module.css";
import { PartForm } from "./PartForm";
import { StepForm } from "./StepForm";

interface Props {
  place: string;
  body: Body;
  change: (next: Body, mark?: string) => void;
  readOnly: boolean;
  faults: readonly Placed[];
  cards: readonly CardOut[];
  /** Over the whole window: where there is no room beside the canvas. */
  over: boolean;
  onClose: () => void;
  onRemove: (id: string) => void;
  onCopy: (id: string) => void;
  /** Figures and people of what is chosen, above its form. */
  children?: ReactNode;
}

export function Inspector(props: Props) {
  const { place, body, change, readOnly, faults, cards, over, onClose } = props;
  const { t } = useTranslation("journeys");
  const words = useWords();
  const catalog = useQuery(catalogQuery).data;
  const choices = useChoices();
  const step = body.steps[place];
  const part = place in PARTS ? (place as PartId) : null;
  if (!step && !part) return null;
  const Icon = step ? STEP_ICONS[step.kind] : null;
  const title = step ? (
    <span className={styles.title}>
      {Icon && <Icon size={18} stroke={1.6} aria-hidden />}
      {t(`kind.${step.kind}`)}
    </span>
  ) : (
    t(`part.${part}`)
  );
  const content = (
    <EditingProvider value={{ body, change, readOnly, catalog, choices, cards, faults }}>
      {props.children}
      <Faults faults={faults} />
      <fieldset className={formStyles.plain} disabled={readOnly}>
        {step && <StepForm key={place} id={place} step={step} />}
        {part && <PartForm part={part} />}
      </fieldset>
    </EditingProvider>
  );
  const deeds = step && !readOnly && (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconCopy size={14} aria-hidden />}
        onClick={() => props.onCopy(place)}
      >
        {t("canvas.copy")}
      </Button>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconTrash size={14} aria-hidden />}
        onClick={() => props.onRemove(place)}
      >
        {t("canvas.remove")}
      </Button>
    </>
  );
  if (over) {
    return (
      <RightPanel
        title={title}
        lead={step && words.title(step)}
        onClose={onClose}
        footer={deeds || undefined}
      >
        {content}
      </RightPanel>
    );
  }
  return (
    <Beside key={place} title={title} deeds={deeds} onClose={onClose}>
      {content}
    </Beside>
  );
}

function Beside(props: {
  title: ReactNode;
  deeds: ReactNode;
  onClose: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation("journeys");
  const [wide, setWide] = useState(false);
  return (
    <aside className={styles.inspector} data-wide={wide || undefined} aria-label={t("inspector")}>
      <header className={styles.head}>
        <h2 className={styles.heading}>{props.title}</h2>
        <Tooltip label={t(wide ? "form.narrow" : "form.widen")}>
          <ActionIcon
            aria-label={t(wide ? "form.narrow" : "form.widen")}
            onClick={() => setWide(!wide)}
          >
            <IconArrowsDiagonal size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <ActionIcon aria-label={t("design:close")} onClick={props.onClose}>
          <IconX size={17} aria-hidden />
        </ActionIcon>
      </header>
      <div className={styles.body} tabIndex={0} role="group" aria-label={t("inspector")}>
        {props.children}
      </div>
      {props.deeds && <footer className={styles.foot}>{props.deeds}</footer>}
    </aside>
  );
}

export function Faults({ faults }: { faults: readonly Placed[] }) {
  if (faults.length === 0) return null;
  return (
    <ul className={formStyles.faults}>
      {faults.map(({ fault, field }, at) => {
        const level = (fault as JourneyFault).level;
        const Icon = level === "warn" ? IconAlertTriangle : IconBan;
        return (
          <li key={`${field}:${fault.code}:${at}`} data-level={level}>
            <Icon size={15} stroke={1.8} aria-hidden />
            <span>
              {fault.message} <span className={formStyles.remedy}>{fault.remedy}</span>
            </span>
          </li>
        );
      })}
    </ul>
  );
}
