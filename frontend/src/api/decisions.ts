/**
 * Deciding, with five seconds to think again.
 *
 * A decision hides its task at once and goes to the server with a delay; until that has passed it can be undone. When the
 * server refuses, the task comes back and a message says why. What is hidden is UI state, so loading the queue again in
 * the meantime cannot make a task jump back.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

import { graphql } from "@/gql";
import type { Verdict } from "@/gql/graphql";
import type { Json } from "@/lib/json";
import { useSession } from "@/lib/session";
import { useToasts } from "@/lib/toasts";

import { useApi } from "./context";
import { useDecisions } from "./decision-store";
import { ApiError, asApiError } from "./errors";
import { keys } from "./query-client";
import { withTask, type QueueData, type QueueTask } from "./queue";

export const UNDO_SECONDS = 5;

export interface Choice {
  verdict: Verdict;
  payload?: Json;
  reason?: string;
}

const DecideDocument = graphql(`
  mutation Decide($input: DecideInput!) {
    decide(input: $input) {
      __typename
      ... on Task {
        id
        status
      }
      ... on Problem {
        code
        message
        hint
      }
    }
  }
`);

const UndoDocument = graphql(`
  mutation Undo($taskId: ID!) {
    undoDecision(taskId: $taskId) {
      __typename
      ... on Task {
        id
        status
      }
      ... on Problem {
        code
        message
        hint
      }
    }
  }
`);

type Answer = { __typename: "Task" } | { __typename: "Problem"; code: string; message: string; hint: string };

function refuseProblem(answer: Answer): void {
  if (answer.__typename === "Problem") throw new ApiError(answer.message, answer);
}

function report(title: string, error: unknown): void {
  const { message, hint, signedOut } = asApiError(error);
  if (signedOut) useSession.getState().setStanding("out");
  useToasts.getState().show({ tone: "danger", title, detail: hint ? `${message} ${hint}` : message });
}

export function useDecide() {
  const api = useApi();
  const queries = useQueryClient();
  const refresh = useCallback(() => {
    void queries.invalidateQueries({ queryKey: keys.tasks });
    void queries.invalidateQueries({ queryKey: keys.overview });
  }, [queries]);

  const decide = useCallback(
    (task: QueueTask, subject: string, choice: Choice) => {
      const { put, drop, entries } = useDecisions.getState();
      if (task.id in entries) return;
      const input = {
        taskId: task.id,
        proposalHash: task.proposal.contentHash,
        verdict: choice.verdict,
        reason: choice.reason ?? "",
        delaySeconds: UNDO_SECONDS,
        ...(choice.payload === undefined ? {} : { payload: choice.payload }),
      };
      const send = async () => {
        try {
          refuseProblem((await api.run(DecideDocument, { input })).decide);
          return true;
        } catch (error) {
          drop(task.id);
          report("Not decided", error);
          return false;
        } finally {
          refresh();
        }
      };
      // The server's delay starts later than this one, so an undo shown is an undo that works.
      put({ task, subject, verdict: choice.verdict, undoUntil: Date.now() + UNDO_SECONDS * 1000, taken: send() });
    },
    [api, refresh],
  );

  const undo = useCallback(
    async (taskId: string) => {
      const { put, drop, entries } = useDecisions.getState();
      const entry = entries[taskId];
      if (!entry) return;
      drop(taskId);
      const restore = () => queries.setQueryData<QueueData>(keys.tasks, (data) => withTask(data, entry.task));
      restore();
      if (!(await entry.taken)) return;
      // A reload that began before would drop the task once more.
      await queries.cancelQueries({ queryKey: keys.tasks });
      restore();
      try {
        refuseProblem((await api.run(UndoDocument, { taskId })).undoDecision);
      } catch (error) {
        put({ ...entry, undoUntil: 0 });
        report("Not undone", error);
      } finally {
        refresh();
      }
    },
    [api, queries, refresh],
  );

  return { decide, undo };
}
