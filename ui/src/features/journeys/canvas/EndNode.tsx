/** Where a way ends: a small open circle that takes a step. */
import { IconPlus } from "@tabler/icons-react";
import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import styles from "./canvas.module.css";

export interface EndData extends Record<string, unknown> {
  editable: boolean;
  onAdd: (target: HTMLElement) => void;
}

export const EndNode = memo(function EndNode({ data }: NodeProps<Node<EndData>>) {
  const { t } = useTranslation("journeys");
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      {data.editable ? (
        <button
          type="button"
          className={`${styles.end} nodrag nopan`}
          tabIndex={-1}
          aria-label={t("canvas.addAtEnd")}
          title={t("canvas.addAtEnd")}
          onClick={(event) => {
            event.stopPropagation();
            data.onAdd(event.currentTarget);
          }}
        >
          <IconPlus size={14} stroke={2} aria-hidden />
        </button>
      ) : (
        <span className={styles.end} data-plain role="img" aria-label={t("canvas.end")}>
          <span className={styles.dot} />
        </span>
      )}
    </>
  );
});
