/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { Json } from '../lib/json';
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** A decision on the proposal that the person saw. */
export type DecideInput = {
  /** Seconds during which the decision can be undone, 0 to 60. */
  delaySeconds?: number;
  /** The changed payload, for EDIT. */
  payload?: Json | null | undefined;
  /** The proposal's contentHash that the person saw. */
  proposalHash: string;
  reason?: string;
  taskId: string | number;
  verdict: Verdict;
};

/** Where the gate sent a proposal. */
export type Route =
  | 'ACT'
  | 'ASK'
  | 'NOTIFY';

/** How far a run is. */
export type RunStatus =
  | 'CANCELLED'
  | 'COMPLETED'
  | 'FAILED'
  | 'RUNNING'
  | 'STARTING';

/** A run to start; the same idempotency key starts it once. */
export type StartRunInput = {
  idempotencyKey?: string | null | undefined;
  input?: Json | null | undefined;
  workflow: string;
};

/** How far a step is. */
export type StepStatus =
  | 'CANCELLED'
  | 'COMPLETED'
  | 'FAILED'
  | 'PENDING'
  | 'REJECTED'
  | 'RUNNING'
  | 'SKIPPED'
  | 'WAITING';

/** Whether a task still waits for people. */
export type TaskStatus =
  | 'CANCELLED'
  | 'DECIDED'
  | 'EXPIRED'
  | 'PENDING';

/** What a person decided. */
export type Verdict =
  | 'APPROVE'
  | 'EDIT'
  | 'REJECT';

export type DecideMutationVariables = Exact<{
  input: DecideInput;
}>;


export type DecideMutation = { decide:
    | { __typename: 'Problem', code: string, message: string, hint: string }
    | { __typename: 'Task', id: string, status: TaskStatus }
   };

export type UndoMutationVariables = Exact<{
  taskId: string | number;
}>;


export type UndoMutation = { undoDecision:
    | { __typename: 'Problem', code: string, message: string, hint: string }
    | { __typename: 'Task', id: string, status: TaskStatus }
   };

export type EventsSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type EventsSubscription = { events: { kind: string, runId: string, workflow: string, step: string | null, taskId: string | null, status: string, at: string } };

export type QueueQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type QueueQuery = { tasks: { totalCount: number, pageInfo: { endCursor: string | null, hasNextPage: boolean }, nodes: Array<(
      { id: string, createdAt: string, proposal: { contentHash: string, title: string, payload: Json, payloadSchema: Json | null } }
      & { ' $fragmentRefs'?: { 'TaskRowFragment': TaskRowFragment;'TaskCardFragment': TaskCardFragment;'TaskDetailFragment': TaskDetailFragment } }
    )> } };

export type OverviewQueryVariables = Exact<{ [key: string]: never; }>;


export type OverviewQuery = { overview: { pendingTasks: number, runningRuns: number, acted: number, notified: number, asked: number } };

export type CancelRunMutationVariables = Exact<{
  id: string | number;
}>;


export type CancelRunMutation = { cancelRun:
    | { __typename: 'Problem', code: string, message: string, hint: string }
    | { __typename: 'Run', id: string, status: RunStatus }
   };

export type ProposalViewFragment = { title: string, body: string, payload: Json, confidence: number, rationale: string, evidence: Array<{ kind: string, text: string, label: string, similarity: number }>, preview: { connector: string, inputs: Json } | null } & { ' $fragmentName'?: 'ProposalViewFragment' };

export type RunRowFragment = { id: string, workflow: string, revision: number, status: RunStatus, startedAt: string, finishedAt: string | null, waitingFor: Array<string> } & { ' $fragmentName'?: 'RunRowFragment' };

export type StartRunMutationVariables = Exact<{
  input: StartRunInput;
}>;


export type StartRunMutation = { startRun:
    | { __typename: 'Problem', code: string, message: string, hint: string }
    | { __typename: 'Run', id: string }
   };

export type StepPanelFragment = { step: string, item: number, attempt: number, status: StepStatus, route: Route | null, inputs: Json | null, output: Json | null, error: string, startedAt: string | null, finishedAt: string | null, proposal: (
    { confidence: number }
    & { ' $fragmentRefs'?: { 'ProposalViewFragment': ProposalViewFragment } }
  ) | null, task: { id: string, status: TaskStatus, decision: { verdict: Verdict, reason: string, decidedBy: string, decidedAt: string, delivered: boolean, payload: Json | null } | null } | null } & { ' $fragmentName'?: 'StepPanelFragment' };

export type TaskCardFragment = { workflow: string, step: string, createdAt: string, proposal: { title: string, body: string, payload: Json, confidence: number, evidence: Array<{ kind: string, text: string, label: string, similarity: number }>, preview: { connector: string, inputs: Json } | null } } & { ' $fragmentName'?: 'TaskCardFragment' };

export type TaskDetailFragment = { runId: string, workflow: string, step: string, createdAt: string, expiresAt: string | null, proposal: (
    { title: string }
    & { ' $fragmentRefs'?: { 'ProposalViewFragment': ProposalViewFragment } }
  ) } & { ' $fragmentName'?: 'TaskDetailFragment' };

export type TaskRowFragment = { id: string, createdAt: string, proposal: { title: string, body: string, payload: Json, confidence: number } } & { ' $fragmentName'?: 'TaskRowFragment' };

export type RunQueryVariables = Exact<{
  id: string | number;
}>;


export type RunQuery = { run: { id: string, workflow: string, revision: number, status: RunStatus, input: Json | null, outputs: Json | null, error: string, startedBy: string, startedAt: string, finishedAt: string | null, waitingFor: Array<string>, temporalUrl: string | null, plan: Array<{ id: string, kind: string, uses: string, needs: Array<string>, level: number }>, steps: Array<(
      { step: string, item: number, attempt: number, status: StepStatus }
      & { ' $fragmentRefs'?: { 'StepPanelFragment': StepPanelFragment } }
    )> } | null };

export type RunsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  status?: RunStatus | null | undefined;
}>;


export type RunsQuery = { runs: { pageInfo: { endCursor: string | null, hasNextPage: boolean }, nodes: Array<(
      { id: string }
      & { ' $fragmentRefs'?: { 'RunRowFragment': RunRowFragment } }
    )> } };

export type WorkflowQueryVariables = Exact<{
  name: string;
}>;


export type WorkflowQuery = { workflow: { name: string, description: string, revision: number, contentHash: string, source: string, inputSchema: Json | null, publishedAt: string, steps: Array<{ id: string, kind: string, uses: string, needs: Array<string>, level: number }> } | null };

export type WorkflowsQueryVariables = Exact<{ [key: string]: never; }>;


export type WorkflowsQuery = { workflows: Array<{ name: string, description: string, revision: number, publishedAt: string, pendingTasks: number, steps: Array<{ id: string }> }> };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const RunRowFragmentDoc = new TypedDocumentString(`
    fragment RunRow on Run {
  id
  workflow
  revision
  status
  startedAt
  finishedAt
  waitingFor
}
    `, {"fragmentName":"RunRow"}) as unknown as TypedDocumentString<RunRowFragment, unknown>;
export const ProposalViewFragmentDoc = new TypedDocumentString(`
    fragment ProposalView on Proposal {
  title
  body
  payload
  confidence
  rationale
  evidence {
    kind
    text
    label
    similarity
  }
  preview {
    connector
    inputs
  }
}
    `, {"fragmentName":"ProposalView"}) as unknown as TypedDocumentString<ProposalViewFragment, unknown>;
export const StepPanelFragmentDoc = new TypedDocumentString(`
    fragment StepPanel on StepRun {
  step
  item
  attempt
  status
  route
  inputs
  output
  error
  startedAt
  finishedAt
  proposal {
    confidence
    ...ProposalView
  }
  task {
    id
    status
    decision {
      verdict
      reason
      decidedBy
      decidedAt
      delivered
      payload
    }
  }
}
    fragment ProposalView on Proposal {
  title
  body
  payload
  confidence
  rationale
  evidence {
    kind
    text
    label
    similarity
  }
  preview {
    connector
    inputs
  }
}`, {"fragmentName":"StepPanel"}) as unknown as TypedDocumentString<StepPanelFragment, unknown>;
export const TaskCardFragmentDoc = new TypedDocumentString(`
    fragment TaskCard on Task {
  workflow
  step
  createdAt
  proposal {
    title
    body
    payload
    confidence
    evidence {
      kind
      text
      label
      similarity
    }
    preview {
      connector
      inputs
    }
  }
}
    `, {"fragmentName":"TaskCard"}) as unknown as TypedDocumentString<TaskCardFragment, unknown>;
export const TaskDetailFragmentDoc = new TypedDocumentString(`
    fragment TaskDetail on Task {
  runId
  workflow
  step
  createdAt
  expiresAt
  proposal {
    title
    ...ProposalView
  }
}
    fragment ProposalView on Proposal {
  title
  body
  payload
  confidence
  rationale
  evidence {
    kind
    text
    label
    similarity
  }
  preview {
    connector
    inputs
  }
}`, {"fragmentName":"TaskDetail"}) as unknown as TypedDocumentString<TaskDetailFragment, unknown>;
export const TaskRowFragmentDoc = new TypedDocumentString(`
    fragment TaskRow on Task {
  id
  createdAt
  proposal {
    title
    body
    payload
    confidence
  }
}
    `, {"fragmentName":"TaskRow"}) as unknown as TypedDocumentString<TaskRowFragment, unknown>;
export const DecideDocument = new TypedDocumentString(`
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
    `) as unknown as TypedDocumentString<DecideMutation, DecideMutationVariables>;
export const UndoDocument = new TypedDocumentString(`
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
    `) as unknown as TypedDocumentString<UndoMutation, UndoMutationVariables>;
export const EventsDocument = new TypedDocumentString(`
    subscription Events {
  events {
    kind
    runId
    workflow
    step
    taskId
    status
    at
  }
}
    `) as unknown as TypedDocumentString<EventsSubscription, EventsSubscriptionVariables>;
export const QueueDocument = new TypedDocumentString(`
    query Queue($first: Int!, $after: String) {
  tasks(first: $first, after: $after) {
    totalCount
    pageInfo {
      endCursor
      hasNextPage
    }
    nodes {
      id
      createdAt
      proposal {
        contentHash
        title
        payload
        payloadSchema
      }
      ...TaskRow
      ...TaskCard
      ...TaskDetail
    }
  }
}
    fragment ProposalView on Proposal {
  title
  body
  payload
  confidence
  rationale
  evidence {
    kind
    text
    label
    similarity
  }
  preview {
    connector
    inputs
  }
}
fragment TaskCard on Task {
  workflow
  step
  createdAt
  proposal {
    title
    body
    payload
    confidence
    evidence {
      kind
      text
      label
      similarity
    }
    preview {
      connector
      inputs
    }
  }
}
fragment TaskDetail on Task {
  runId
  workflow
  step
  createdAt
  expiresAt
  proposal {
    title
    ...ProposalView
  }
}
fragment TaskRow on Task {
  id
  createdAt
  proposal {
    title
    body
    payload
    confidence
  }
}`) as unknown as TypedDocumentString<QueueQuery, QueueQueryVariables>;
export const OverviewDocument = new TypedDocumentString(`
    query Overview {
  overview {
    pendingTasks
    runningRuns
    acted
    notified
    asked
  }
}
    `) as unknown as TypedDocumentString<OverviewQuery, OverviewQueryVariables>;
export const CancelRunDocument = new TypedDocumentString(`
    mutation CancelRun($id: ID!) {
  cancelRun(id: $id) {
    __typename
    ... on Run {
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
    `) as unknown as TypedDocumentString<CancelRunMutation, CancelRunMutationVariables>;
export const StartRunDocument = new TypedDocumentString(`
    mutation StartRun($input: StartRunInput!) {
  startRun(input: $input) {
    __typename
    ... on Run {
      id
    }
    ... on Problem {
      code
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<StartRunMutation, StartRunMutationVariables>;
export const RunDocument = new TypedDocumentString(`
    query Run($id: ID!) {
  run(id: $id) {
    id
    workflow
    revision
    status
    input
    outputs
    error
    startedBy
    startedAt
    finishedAt
    waitingFor
    temporalUrl
    plan {
      id
      kind
      uses
      needs
      level
    }
    steps {
      step
      item
      attempt
      status
      ...StepPanel
    }
  }
}
    fragment ProposalView on Proposal {
  title
  body
  payload
  confidence
  rationale
  evidence {
    kind
    text
    label
    similarity
  }
  preview {
    connector
    inputs
  }
}
fragment StepPanel on StepRun {
  step
  item
  attempt
  status
  route
  inputs
  output
  error
  startedAt
  finishedAt
  proposal {
    confidence
    ...ProposalView
  }
  task {
    id
    status
    decision {
      verdict
      reason
      decidedBy
      decidedAt
      delivered
      payload
    }
  }
}`) as unknown as TypedDocumentString<RunQuery, RunQueryVariables>;
export const RunsDocument = new TypedDocumentString(`
    query Runs($first: Int!, $after: String, $status: RunStatus) {
  runs(first: $first, after: $after, status: $status) {
    pageInfo {
      endCursor
      hasNextPage
    }
    nodes {
      id
      ...RunRow
    }
  }
}
    fragment RunRow on Run {
  id
  workflow
  revision
  status
  startedAt
  finishedAt
  waitingFor
}`) as unknown as TypedDocumentString<RunsQuery, RunsQueryVariables>;
export const WorkflowDocument = new TypedDocumentString(`
    query Workflow($name: String!) {
  workflow(name: $name) {
    name
    description
    revision
    contentHash
    source
    inputSchema
    publishedAt
    steps {
      id
      kind
      uses
      needs
      level
    }
  }
}
    `) as unknown as TypedDocumentString<WorkflowQuery, WorkflowQueryVariables>;
export const WorkflowsDocument = new TypedDocumentString(`
    query Workflows {
  workflows {
    name
    description
    revision
    publishedAt
    pendingTasks
    steps {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<WorkflowsQuery, WorkflowsQueryVariables>;