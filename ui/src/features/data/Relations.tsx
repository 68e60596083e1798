import "@xyflow/react/dist/style.css";
import { useMantineColorScheme } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import {
  Background,
  Controls,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from "@xyflow/react";
import { Fragment, useMemo, useState } from "react";
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

const SIDES = [
  ["left", Position.Left],
  ["right", Position.Right],
] as const;
/** A narrow screen begins at the subjects, large enough to read, and is panned from there. */
const READABLE = 0.75;
const HIDDEN = { opacity: 0 } as const;

function Box({ data }: NodeProps<Node<BoxData>>) {
  return (
    <div
      className={styles.box}
      data-subject={data.subject || undefined}
      data-active={data.active || undefined}
    >
      {SIDES.map(([side, position]) => (
        <Fragment key={side}>
          <Handle id={side} type="target" position={position} style={HIDDEN} />
          <Handle id={side} type="source" position={position} style={HIDDEN} />
        </Fragment>
      ))}
      <div className={styles.boxName}>{data.label}</div>
      <div className={styles.boxNote}>{data.note}</div>
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
  const narrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const states = useQuery(datasetsQuery);
  const [over, setOver] = useState<string>();
  const lit = over ?? active;
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
  const edges = useMemo(() => {
    const x = new Map(place(catalog.datasets).map((one) => [one.name, one.x]));
    return linesOf(catalog.datasets).flatMap((line) => {
      const on = lit !== undefined && (line.source === lit || line.target === lit);
      // Paths repeat what the keys say; they are shown for the dataset that is looked at.
      if (line.path && !on) return [];
      const gap = (x.get(line.target) ?? 0) - (x.get(line.source) ?? 0);
      const colour = on ? "var(--en-ai)" : "var(--en-line-strong)";
      return [
        {
          id: line.id,
          source: line.source,
          target: line.target,
          // Within a column both ends are on the left, so that the line goes round, not across.
          sourceHandle: gap > 0 ? "right" : "left",
          targetHandle: gap < 0 ? "right" : "left",
          label: on ? line.label : undefined,
          zIndex: on ? 1 : 0,
          style: {
            stroke: colour,
            strokeWidth: on ? 1.5 : 1,
            strokeDasharray: line.path ? "4 4" : undefined,
            opacity: on || lit === undefined ? 0.75 : 0.25,
          },
          labelStyle: { fill: "var(--en-ink-2)", fontSize: 12 },
          labelBgStyle: { fill: "var(--en-surface)" },
          focusable: false,
        },
      ];
    });
  }, [catalog, lit]);
  return (
    <div className={styles.canvas}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        onNodeMouseEnter={(_, node) => setOver(node.id)}
        onNodeMouseLeave={() => setOver(undefined)}
        onNodeClick={(_, node) => onOpen(node.id)}
        fitView
        fitViewOptions={
          narrow
            ? { nodes: nodes.filter((node) => node.data.subject), maxZoom: READABLE }
            : { padding: 0.1, maxZoom: 1 }
        }
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
