/** Statuses and routes as icon, word and colour. */
import {
  Ban,
  Bell,
  Check,
  CircleDashed,
  CircleSlash,
  Hand,
  Hourglass,
  LoaderCircle,
  SkipForward,
  ThumbsDown,
  X,
  Zap,
  type LucideIcon,
} from "lucide-react";

import { Badge, type Tone } from "@/atoms/badge";
import type { Route, RunStatus, StepStatus } from "@/gql/graphql";

interface Look {
  word: string;
  tone: Tone;
  icon: LucideIcon;
}

export const RUN_LOOKS: Record<RunStatus, Look> = {
  STARTING: { word: "Starting", tone: "info", icon: CircleDashed },
  RUNNING: { word: "Running", tone: "info", icon: LoaderCircle },
  COMPLETED: { word: "Completed", tone: "accent", icon: Check },
  FAILED: { word: "Failed", tone: "danger", icon: X },
  CANCELLED: { word: "Cancelled", tone: "neutral", icon: Ban },
};

const WAITING: Look = { word: "Waiting", tone: "warn", icon: Hourglass };

export const STEP_LOOKS: Record<StepStatus, Look> = {
  PENDING: { word: "Not started", tone: "neutral", icon: CircleDashed },
  RUNNING: { word: "Running", tone: "info", icon: LoaderCircle },
  WAITING: { word: "Waits for a person", tone: "warn", icon: Hourglass },
  COMPLETED: { word: "Completed", tone: "accent", icon: Check },
  SKIPPED: { word: "Skipped", tone: "neutral", icon: SkipForward },
  REJECTED: { word: "Rejected", tone: "danger", icon: ThumbsDown },
  FAILED: { word: "Failed", tone: "danger", icon: X },
  CANCELLED: { word: "Cancelled", tone: "neutral", icon: CircleSlash },
};

export const ROUTE_LOOKS: Record<Route, Look> = {
  ACT: { word: "Acted", tone: "accent", icon: Zap },
  NOTIFY: { word: "Acted and notified", tone: "info", icon: Bell },
  ASK: { word: "Asked", tone: "warn", icon: Hand },
};

function LookBadge({ look }: { look: Look }) {
  return (
    <Badge tone={look.tone} icon={<look.icon size={13} aria-hidden="true" />}>
      {look.word}
    </Badge>
  );
}

/** A running run in which a person is awaited reads as waiting. */
export function RunBadge({ status, waiting }: { status: RunStatus; waiting: boolean }) {
  return <LookBadge look={status === "RUNNING" && waiting ? WAITING : RUN_LOOKS[status]} />;
}

export const StepBadge = ({ status }: { status: StepStatus }) => <LookBadge look={STEP_LOOKS[status]} />;
export const RouteBadge = ({ route }: { route: Route }) => <LookBadge look={ROUTE_LOOKS[route]} />;
