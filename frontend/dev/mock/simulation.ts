/**
 * A SIMULATED backend for developing and testing the app without the real one. Nothing here is part of the product:
 * state lives in memory, steps do nothing, confidences are made up. It follows schema.graphql, including its refusals.
 */
import { createPubSub } from "graphql-yoga";

import { INPUT_SCHEMA, LABELS, MESSAGES, PLAN, SOURCE } from "./samples.ts";

interface SimTask {
  id: string;
  runId: string;
  workflow: string;
  step: string;
  status: string;
  createdAt: string;
  expiresAt: string | null;
  proposal: Record<string, unknown> & { contentHash: string; payload: Record<string, unknown> };
  decision: Record<string, unknown> | null;
}

interface SimRun {
  id: string;
  status: string;
  input: { message: string };
  startedAt: string;
  finishedAt: string | null;
  error: string;
  confidence: number;
  label: string;
  task: SimTask | null;
}

export interface SimEvent {
  kind: string;
  runId: string;
  workflow: string;
  step: string | null;
  taskId: string | null;
  status: string;
  at: string;
}

export interface DecideInput {
  taskId: string;
  proposalHash: string;
  verdict: string;
  payload: Record<string, unknown> | null;
  reason: string;
  delaySeconds: number;
}

export const WORKFLOW = "support-inbox";
const NUMBERS = { pendingTasks: 0, completedRuns: 1204, failedRuns: 3, acted: 1012, notified: 139, asked: 187 };
const problem = (code: string, message: string, hint: string) => ({ __typename: "Problem", code, message, hint });

export class Simulation {
  readonly tasks = new Map<string, SimTask>();
  readonly runs = new Map<string, SimRun>();
  readonly events = createPubSub<{ events: [SimEvent] }>();
  readonly #now: () => number;
  #next = 1;

  constructor({
    pending = MESSAGES.length,
    finished = 70,
    now = Date.now,
  }: { pending?: number; finished?: number; now?: () => number } = {}) {
    this.#now = now;
    for (let index = 0; index < pending; index++) this.ask(index, (pending - index) * 47_000);
    for (let index = 0; index < finished; index++) this.#finished(index);
  }

  /** A new run whose first step asks. */
  ask(sample: number, ago = 0): SimTask {
    const [text, label, confidence] = MESSAGES[sample % MESSAGES.length] ?? ["", "", 0];
    const run = this.#run(text, label, confidence, ago + 900);
    const task: SimTask = {
      id: `task-${run.id}`,
      runId: run.id,
      workflow: WORKFLOW,
      step: "intent",
      status: "PENDING",
      createdAt: this.#at(ago),
      expiresAt: this.#at(ago - 72 * 3_600_000),
      proposal: this.#proposal(text, label, confidence),
      decision: null,
    };
    run.task = task;
    this.tasks.set(task.id, task);
    this.#tell("task", run.id, "pending", task.id);
    return task;
  }

  decide(input: DecideInput): object {
    const task = this.tasks.get(input.taskId);
    if (!task) return problem("not_found", "There is no such task.", "Load the queue again.");
    if (task.status !== "PENDING")
      return problem("conflict", "Somebody decided this task already.", "Nothing was changed.");
    if (task.proposal.contentHash !== input.proposalHash)
      return problem("conflict", "The proposal has changed since you saw it.", "Look at it again.");
    const now = this.#now();
    task.status = "DECIDED";
    task.decision = {
      taskId: task.id,
      verdict: input.verdict,
      payload: input.payload,
      reason: input.reason,
      decidedBy: "Ada",
      decidedAt: new Date(now).toISOString(),
      deliverAt: new Date(now + input.delaySeconds * 1000).toISOString(),
      get delivered() {
        return Date.now() > now + input.delaySeconds * 1000;
      },
    };
    this.#tell("task", task.runId, "decided", task.id);
    return { __typename: "Task", ...task };
  }

  undo(id: string): object {
    const task = this.tasks.get(id);
    if (!task?.decision || task.decision.delivered)
      return problem("conflict", "The decision has been carried out.", "It can no longer be undone here.");
    task.status = "PENDING";
    task.decision = null;
    this.#tell("task", task.runId, "pending", id);
    return { __typename: "Task", ...task };
  }

  start(input: { message?: string } | null): object {
    const run = this.#run(input?.message ?? "", "exchange_rate", 0.93, 0);
    run.input = { message: "", ...input };
    this.#tell("run", run.id, "running");
    return { __typename: "Run", ...this.show(run) };
  }

  cancel(id: string): object {
    const run = this.runs.get(id);
    if (!run) return problem("not_found", "There is no such run.", "Load the list again.");
    if (run.finishedAt) return problem("conflict", "The run has ended already.", "Nothing was changed.");
    run.status = "CANCELLED";
    run.finishedAt = this.#at(0);
    if (run.task?.status === "PENDING") run.task.status = "CANCELLED";
    this.#tell("run", id, "cancelled");
    return { __typename: "Run", ...this.show(run) };
  }

  show(run: SimRun): Record<string, unknown> {
    const waits = run.status === "RUNNING" && run.task?.status === "PENDING";
    return {
      ...run,
      workflow: WORKFLOW,
      revision: 4,
      outputs: run.status === "COMPLETED" ? { label: run.label } : null,
      startedBy: "demo",
      waitingFor: waits ? ["intent"] : [],
      plan: PLAN,
      steps: this.#steps(run, waits),
      temporalUrl: `http://127.0.0.1:8233/namespaces/default/workflows/${run.id}`,
    };
  }

  overview(): object {
    const runs = [...this.runs.values()];
    const pendingTasks = [...this.tasks.values()].filter((task) => task.status === "PENDING").length;
    return { ...NUMBERS, pendingTasks, runningRuns: runs.filter((run) => run.status === "RUNNING").length };
  }

  workflow(): object {
    return {
      name: WORKFLOW,
      description: "Route customer messages; answer the easy ones.",
      revision: 4,
      contentHash: "9f2c41d07b6e88a1c3f05d2e9b7a64105c8de21f7a9b3c64",
      source: SOURCE,
      inputSchema: INPUT_SCHEMA,
      steps: PLAN,
      publishedAt: this.#at(86_400_000 * 3),
      pendingTasks: [...this.tasks.values()].filter((task) => task.status === "PENDING").length,
    };
  }

  #at(ago: number): string {
    return new Date(this.#now() - ago).toISOString();
  }

  #tell(kind: string, runId: string, status: string, taskId: string | null = null): void {
    this.events.publish("events", {
      kind,
      runId,
      workflow: WORKFLOW,
      step: taskId ? "intent" : null,
      taskId,
      status,
      at: this.#at(0),
    });
  }

  #run(message: string, label: string, confidence: number, ago: number): SimRun {
    const id = `01k${(this.#next++).toString().padStart(4, "0")}f7q2m9x4t6`;
    const run: SimRun = {
      id,
      status: "RUNNING",
      input: { message },
      startedAt: this.#at(ago),
      finishedAt: null,
      error: "",
      confidence,
      label,
      task: null,
    };
    this.runs.set(id, run);
    return run;
  }

  #finished(index: number): void {
    const [text, label] = MESSAGES[index % MESSAGES.length] ?? ["", ""];
    const ago = 700_000 + index * 211_000;
    const run = this.#run(text, label, 0.91 + (index % 8) / 100, ago);
    run.status = index % 17 === 5 ? "FAILED" : index % 23 === 9 ? "CANCELLED" : "COMPLETED";
    run.finishedAt = this.#at(ago - 180 - (index % 9) * 1370);
    if (run.status === "FAILED") run.error = "Step ticket failed: the help desk answered 503 five times.";
  }

  #proposal(text: string, label: string, confidence: number): SimTask["proposal"] {
    const rank = ([, other]: [string, string, number]) => Number(other !== label);
    const near = MESSAGES.filter(([other]) => other !== text)
      .sort((a, b) => rank(a) - rank(b))
      .slice(0, 2);
    const description = LABELS.find(([name]) => name === label)?.[1] ?? "";
    return {
      payload: { label },
      confidence,
      rationale: "Two decided messages are near, and they do not agree.",
      title: "Route a message",
      body: text,
      evidence: [
        ...near.map(([other, otherLabel], index) => ({
          kind: "decision",
          text: other,
          label: otherLabel,
          similarity: 0.81 - index * 0.09,
          taskId: null,
        })),
        { kind: "description", text: description, label, similarity: 0.63, taskId: null },
      ],
      preview: {
        connector: "http.request",
        inputs: {
          method: "POST",
          url: "http://127.0.0.1:8405/tickets",
          json: { queue: label, urgent: label.includes("stolen") },
        },
      },
      payloadSchema: {
        type: "object",
        required: ["label"],
        properties: {
          label: {
            type: "string",
            title: "Intent",
            oneOf: LABELS.map(([name, about]) => ({ const: name, description: about })),
          },
          note: { type: "string", title: "Note for the team", maxLength: 120 },
        },
      },
      contentHash: `hash-of-${label}-${text.length}`,
    };
  }

  #steps(run: SimRun, waits: boolean): object[] {
    const times = { startedAt: run.startedAt, finishedAt: run.finishedAt };
    const bare = {
      item: 0,
      attempt: 1,
      route: null,
      inputs: null,
      output: null,
      error: "",
      proposal: null,
      task: null,
      ...times,
    };
    const done = run.status === "COMPLETED";
    const failed = run.status === "FAILED";
    const intent = {
      ...bare,
      step: "intent",
      status: waits ? "WAITING" : run.status === "CANCELLED" ? "CANCELLED" : "COMPLETED",
      route: run.task ? "ASK" : run.confidence > 0.9 ? "ACT" : "NOTIFY",
      inputs: { text: run.input.message, collection: "intents" },
      output: done || failed ? { label: run.label } : null,
      proposal: run.task?.proposal ?? this.#proposal(run.input.message, run.label, run.confidence),
      task: run.task,
      finishedAt: waits ? null : run.finishedAt,
    };
    const urgency = {
      ...bare,
      step: "urgency",
      status: "COMPLETED",
      output: { urgent: run.label.includes("stolen") },
      finishedAt: run.startedAt,
    };
    const call = { method: "POST", url: "http://127.0.0.1:8405/tickets", json: { queue: run.label, urgent: false } };
    const ticket = (attempt: number, status: string, error: string) => ({
      ...bare,
      step: "ticket",
      attempt,
      status,
      error,
      inputs: call,
      output: status === "COMPLETED" ? { status: 201, body: { id: 7341 } } : null,
    });
    if (done)
      return [
        intent,
        urgency,
        ticket(1, "FAILED", "The help desk answered 503."),
        ticket(2, "COMPLETED", ""),
        { ...bare, step: "reply", status: "SKIPPED" },
      ];
    if (failed) return [intent, urgency, ticket(5, "FAILED", "The help desk answered 503 five times.")];
    return [intent, urgency];
  }
}
