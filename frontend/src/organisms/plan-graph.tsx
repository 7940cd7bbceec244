/** The plan of a run as a graph; loaded only where it is shown. The list of steps beside it says the same in words. */
import "@xyflow/react/dist/base.css";

import { Handle, Position, ReactFlow, type Edge, type Node, type NodeProps } from "@xyflow/react";
import { useMemo } from "react";

import type { StepStatus } from "@/gql/graphql";
import { cx } from "@/lib/cx";
import { nodeSize, placeSteps, type Placed } from "@/lib/plan";
import { STEP_LOOKS } from "@/molecules/status";

export interface GraphStep extends Placed {
  uses: string;
  status: StepStatus;
}

type StepNode = Node<{ step: GraphStep; vertical: boolean; current: boolean }, "step">;

const RINGS: Record<string, string> = {
  neutral: "border-line text-ink-3",
  accent: "border-accent/50 text-accent",
  danger: "border-danger/60 text-danger",
  warn: "border-warn/60 text-warn",
  info: "border-info/60 text-info",
};

function StepBox({ data: { step, vertical, current } }: NodeProps<StepNode>) {
  const look = STEP_LOOKS[step.status];
  return (
    <div
      style={nodeSize(vertical)}
      className={cx(
        "flex items-center gap-3 rounded-xl border bg-surface px-3.5 shadow-1",
        RINGS[look.tone],
        current && "outline-2 outline-offset-2 outline-accent",
      )}
    >
      <Handle type="target" position={vertical ? Position.Top : Position.Left} isConnectable={false} />
      <look.icon size={18} aria-hidden="true" className={cx("shrink-0", step.status === "RUNNING" && "animate-turn")} />
      <span className="min-w-0">
        <span className="block truncate text-sm font-medium text-ink">{step.id}</span>
        <span className="block truncate text-xs text-ink-3">{look.word}</span>
      </span>
      <Handle type="source" position={vertical ? Position.Bottom : Position.Right} isConnectable={false} />
    </div>
  );
}

const nodeTypes = { step: StepBox };

interface PlanGraphProps {
  steps: GraphStep[];
  current: string | null;
  vertical: boolean;
  onSelect: (id: string) => void;
}

export default function PlanGraph({ steps, current, vertical, onSelect }: PlanGraphProps) {
  const nodes = useMemo((): StepNode[] => {
    const places = placeSteps(steps, vertical);
    return steps.map((step) => ({
      id: step.id,
      type: "step",
      position: places.get(step.id) ?? { x: 0, y: 0 },
      data: { step, vertical, current: step.id === current },
      ...nodeSize(vertical),
      ariaLabel: `${step.id}: ${STEP_LOOKS[step.status].word}`,
    }));
  }, [steps, current, vertical]);
  const edges = useMemo(
    (): Edge[] =>
      steps.flatMap((step) =>
        step.needs.map((need) => ({
          id: `${need}→${step.id}`,
          source: need,
          target: step.id,
          focusable: false,
          animated: step.status === "RUNNING",
        })),
      ),
    [steps],
  );
  return (
    <ReactFlow
      key={String(vertical)}
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      onNodeClick={(_, node) => onSelect(node.id)}
      onSelectionChange={({ nodes: [chosen] }) => chosen && onSelect(chosen.id)}
      fitView
      fitViewOptions={{ padding: vertical ? 0.05 : 0.15, maxZoom: 1, minZoom: 0.5 }}
      minZoom={0.2}
      maxZoom={1.5}
      nodesDraggable={false}
      nodesConnectable={false}
      preventScrolling={false}
      zoomOnScroll={false}
      proOptions={{ hideAttribution: true }}
      aria-label="Plan of the run"
    />
  );
}
