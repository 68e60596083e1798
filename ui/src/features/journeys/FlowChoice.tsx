/** One of the flows to choose from: a radio button as large as its words. */
import { IconCheck, IconRoute } from "@tabler/icons-react";
import styles from "./journeys.module.css";

export function FlowChoice(props: {
  label: string;
  description: string;
  chosen: boolean;
  onChoose: () => void;
}) {
  return (
    <label className={styles.flow} data-chosen={props.chosen || undefined}>
      <input
        type="radio"
        name="flow"
        className={styles.radio}
        checked={props.chosen}
        onChange={props.onChoose}
      />
      <span className={styles.flowMark}>
        {props.chosen ? (
          <IconCheck size={16} aria-hidden />
        ) : (
          <IconRoute size={16} stroke={1.6} aria-hidden />
        )}
      </span>
      <span>
        <span className={styles.flowName}>{props.label}</span>
        <span className={styles.flowText}>{props.description}</span>
      </span>
    </label>
  );
}
