/** The decisions made here: their tasks are hidden from the queue, and for some seconds they can be taken back. */
import { create } from "zustand";

import type { Verdict } from "@/gql/graphql";

import type { QueueTask } from "./queue";

export interface DecisionEntry {
  task: QueueTask;
  verdict: Verdict;
  /** What it was about, for the message. */
  subject: string;
  /** Milliseconds since the epoch. */
  undoUntil: number;
  /** Settles when the server has answered: true when it took the decision. */
  taken: Promise<boolean>;
}

interface DecisionState {
  entries: Record<string, DecisionEntry>;
  put: (entry: DecisionEntry) => void;
  drop: (taskId: string) => void;
  /** Someone else took a decision back: the task is pending again. */
  reopened: (taskId: string) => void;
}

export const useDecisions = create<DecisionState>()((set, get) => ({
  entries: {},
  put: (entry) => set({ entries: { ...get().entries, [entry.task.id]: entry } }),
  drop: (taskId) => {
    const entries = { ...get().entries };
    Reflect.deleteProperty(entries, taskId);
    set({ entries });
  },
  reopened: (taskId) => {
    const entry = get().entries[taskId];
    if (entry && entry.undoUntil < Date.now()) get().drop(taskId);
  },
}));

/** The decisions that can still be undone, newest first. */
export function undoable(entries: Record<string, DecisionEntry>, now: number): DecisionEntry[] {
  return Object.values(entries)
    .filter((entry) => entry.undoUntil > now)
    .sort((a, b) => b.undoUntil - a.undoUntil);
}
