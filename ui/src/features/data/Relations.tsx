import "@xyflow/react/dist/style.css";
import { useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import {
  Background,
  Controls,
  Handle,
  MarkerType,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from "@xyflow/react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/design/useFormat";
import { type CatalogInfo, datasetsQuery } from "./data";
import styles from "./data.module.css";
import { BOX, linesOf, place } from "./layout";

interface BoxData extends Record<string, unknown> {
  label: string;
  note: string;
  subject: boolean;
  active: boolean;
}

function Box({ data }: NodeProps<Node<BoxData>>) {
  return (
    <div
      className={styles.box}
      data-subject={data.subject || undefined}
      data-active={data.active || undefined}
    >
      <Handle
        type="target"
        position={Position.Right}
        isConnectable={false}
        style={{ opacity: 0 }}
      />
      <div className={styles.boxName}>{data.label}</div>
      <div className={styles.boxNote}>{data.note}</div>
      <Handle type="source" position={Position.Left} isConnectable={false} style={{ opacity: 0 }} />
    </div>
  );
}

const nodeTypes = { box: Box };

interface RelationsProps {
  catalog: CatalogInfo;
  active?: string;
  onOpen: (dataset: string) => void;
}

/** The datasets and what ties them: subjects left, what belongs to them to the right. */
export default function Relations({ catalog, active, onOpen }: RelationsProps) {
  const { t } = useTranslation("data");
  const format = useFormat();
  const { colorScheme } = useMantineColorScheme();
  const states = useQuery(datasetsQuery);
  const nodes = useMemo(() => {
    const where = new Map(place(catalog.datasets).map((one) => [one.name, one]));
    return catalog.datasets.map((one): Node<BoxData> => {
      const rows = states.data?.find((state) => state.name === one.name)?.rows;
      return {
        id: one.name,
        type: "box",
        position: { x: where.get(one.name)?.x ?? 0, y: where.get(one.name)?.y ?? 0 },
        width: BOX.width,
        height: BOX.height,
        data: {
          label: one.label,
          note: `${t(`kinds.${one.kind}`)} · ${format.count(rows, "rows")}`,
          subject: one.subject !== null,
          active: one.name === active,
        },
        draggable: false,
        connectable: false,
        ariaLabel: one.label,
      };
    });
  }, [catalog, states.data, active, t, format]);
  const edges = useMemo(
    () =>
      linesOf(catalog.datasets).map((line) => ({
        id: line.id,
        source: line.source,
        target: line.target,
        label: line.label,
        animated: false,
        style: {
          stroke: line.path ? "var(--en-ai)" : "var(--en-line-strong)",
          strokeDasharray: line.path ? "4 4" : undefined,
        },
        labelStyle: { fill: "var(--en-ink-3)", fontSize: 11 },
        labelBgStyle: { fill: "var(--en-surface)" },
        markerEnd: {
          type: MarkerType.ArrowClosed,
          color: line.path ? "var(--en-ai)" : "var(--en-line-strong)",
        },
        focusable: false,
      })),
    [catalog],
  );
  return (
    <div className={styles.canvas}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        onNodeClick={(_, node) => onOpen(node.id)}
        fitView
        fitViewOptions={{ padding: 0.1, maxZoom: 1 }}
        minZoom={0.2}
        colorMode={colorScheme === "auto" ? "system" : colorScheme}
        nodesConnectable={false}
        edgesFocusable={false}
        aria-label={t("tabs.relations")}
        style={{ background: "transparent" }}
      >
        <Background gap={24} size={1} color="var(--en-line)" />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}
