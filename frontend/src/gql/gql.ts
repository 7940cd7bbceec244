/* eslint-disable */
import * as types from './graphql';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  mutation Decide($input: DecideInput!) {\n    decide(input: $input) {\n      __typename\n      ... on Task {\n        id\n        status\n      }\n      ... on Problem {\n        code\n        message\n        hint\n      }\n    }\n  }\n": typeof types.DecideDocument,
    "\n  mutation Undo($taskId: ID!) {\n    undoDecision(taskId: $taskId) {\n      __typename\n      ... on Task {\n        id\n        status\n      }\n      ... on Problem {\n        code\n        message\n        hint\n      }\n    }\n  }\n": typeof types.UndoDocument,
    "\n  subscription Events {\n    events {\n      kind\n      runId\n      workflow\n      step\n      taskId\n      status\n      at\n    }\n  }\n": typeof types.EventsDocument,
    "\n  query Queue($first: Int!, $after: String) {\n    tasks(first: $first, after: $after) {\n      totalCount\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n      nodes {\n        id\n        createdAt\n        proposal {\n          contentHash\n          title\n          payload\n          payloadSchema\n        }\n        ...TaskRow\n        ...TaskCard\n        ...TaskDetail\n      }\n    }\n  }\n": typeof types.QueueDocument,
    "\n  query Overview {\n    overview {\n      pendingTasks\n      runningRuns\n      acted\n      notified\n      asked\n    }\n  }\n": typeof types.OverviewDocument,
    "\n  mutation CancelRun($id: ID!) {\n    cancelRun(id: $id) {\n      __typename\n      ... on Run {\n        id\n        status\n      }\n      ... on Problem {\n        code\n        message\n        hint\n      }\n    }\n  }\n": typeof types.CancelRunDocument,
    "\n  fragment ProposalView on Proposal {\n    title\n    body\n    payload\n    confidence\n    rationale\n    evidence {\n      kind\n      text\n      label\n      similarity\n    }\n    preview {\n      connector\n      inputs\n    }\n  }\n": typeof types.ProposalViewFragmentDoc,
    "\n  fragment RunRow on Run {\n    id\n    workflow\n    revision\n    status\n    startedAt\n    finishedAt\n    waitingFor\n  }\n": typeof types.RunRowFragmentDoc,
    "\n  mutation StartRun($input: StartRunInput!) {\n    startRun(input: $input) {\n      __typename\n      ... on Run {\n        id\n      }\n      ... on Problem {\n        code\n        message\n        hint\n      }\n    }\n  }\n": typeof types.StartRunDocument,
    "\n  fragment StepPanel on StepRun {\n    step\n    item\n    attempt\n    status\n    route\n    inputs\n    output\n    error\n    startedAt\n    finishedAt\n    proposal {\n      confidence\n      ...ProposalView\n    }\n    task {\n      id\n      status\n      decision {\n        verdict\n        reason\n        decidedBy\n        decidedAt\n        delivered\n        payload\n      }\n    }\n  }\n": typeof types.StepPanelFragmentDoc,
    "\n  fragment TaskCard on Task {\n    workflow\n    step\n    createdAt\n    proposal {\n      title\n      body\n      payload\n      confidence\n      evidence {\n        kind\n        text\n        label\n        similarity\n      }\n      preview {\n        connector\n        inputs\n      }\n    }\n  }\n": typeof types.TaskCardFragmentDoc,
    "\n  fragment TaskDetail on Task {\n    runId\n    workflow\n    step\n    createdAt\n    expiresAt\n    proposal {\n      title\n      ...ProposalView\n    }\n  }\n": typeof types.TaskDetailFragmentDoc,
    "\n  fragment TaskRow on Task {\n    id\n    createdAt\n    proposal {\n      title\n      body\n      payload\n      confidence\n    }\n  }\n": typeof types.TaskRowFragmentDoc,
    "\n  query Run($id: ID!) {\n    run(id: $id) {\n      id\n      workflow\n      revision\n      status\n      input\n      outputs\n      error\n      startedBy\n      startedAt\n      finishedAt\n      waitingFor\n      temporalUrl\n      plan {\n        id\n        kind\n        uses\n        needs\n        level\n      }\n      steps {\n        step\n        item\n        attempt\n        status\n        ...StepPanel\n      }\n    }\n  }\n": typeof types.RunDocument,
    "\n  query Runs($first: Int!, $after: String, $status: RunStatus) {\n    runs(first: $first, after: $after, status: $status) {\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n      nodes {\n        id\n        ...RunRow\n      }\n    }\n  }\n": typeof types.RunsDocument,
    "\n  query Workflow($name: String!) {\n    workflow(name: $name) {\n      name\n      description\n      revision\n      contentHash\n      source\n      inputSchema\n      publishedAt\n      steps {\n        id\n        kind\n        uses\n        needs\n        level\n      }\n    }\n  }\n": typeof types.WorkflowDocument,
    "\n  query Workflows {\n    workflows {\n      name\n      description\n      revision\n      publishedAt\n      pendingTasks\n      steps {\n        id\n      }\n    }\n  }\n": typeof types.WorkflowsDocument,
};
const documents: Documents = {
    "\n  mutation Decide($input: DecideInput!) {\n    decide(input: $input) {\n      __typename\n      ... on Task {\n        id\n        status\n      }\n      ... on Problem {\n        code\n        message\n        hint\n      }\n    }\n  }\n": types.DecideDocument,
    "\n  mutation Undo($taskId: ID!) {\n    undoDecision(taskId: $taskId) {\n      __typename\n      ... on Task {\n        id\n        status\n      }\n      ... on Problem {\n        code\n        message\n        hint\n      }\n    }\n  }\n": types.UndoDocument,
    "\n  subscription Events {\n    events {\n      kind\n      runId\n      workflow\n      step\n      taskId\n      status\n      at\n    }\n  }\n": types.EventsDocument,
    "\n  query Queue($first: Int!, $after: String) {\n    tasks(first: $first, after: $after) {\n      totalCount\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n      nodes {\n        id\n        createdAt\n        proposal {\n          contentHash\n          title\n          payload\n          payloadSchema\n        }\n        ...TaskRow\n        ...TaskCard\n        ...TaskDetail\n      }\n    }\n  }\n": types.QueueDocument,
    "\n  query Overview {\n    overview {\n      pendingTasks\n      runningRuns\n      acted\n      notified\n      asked\n    }\n  }\n": types.OverviewDocument,
    "\n  mutation CancelRun($id: ID!) {\n    cancelRun(id: $id) {\n      __typename\n      ... on Run {\n        id\n        status\n      }\n      ... on Problem {\n        code\n        message\n        hint\n      }\n    }\n  }\n": types.CancelRunDocument,
    "\n  fragment ProposalView on Proposal {\n    title\n    body\n    payload\n    confidence\n    rationale\n    evidence {\n      kind\n      text\n      label\n      similarity\n    }\n    preview {\n      connector\n      inputs\n    }\n  }\n": types.ProposalViewFragmentDoc,
    "\n  fragment RunRow on Run {\n    id\n    workflow\n    revision\n    status\n    startedAt\n    finishedAt\n    waitingFor\n  }\n": types.RunRowFragmentDoc,
    "\n  mutation StartRun($input: StartRunInput!) {\n    startRun(input: $input) {\n      __typename\n      ... on Run {\n        id\n      }\n      ... on Problem {\n        code\n        message\n        hint\n      }\n    }\n  }\n": types.StartRunDocument,
    "\n  fragment StepPanel on StepRun {\n    step\n    item\n    attempt\n    status\n    route\n    inputs\n    output\n    error\n    startedAt\n    finishedAt\n    proposal {\n      confidence\n      ...ProposalView\n    }\n    task {\n      id\n      status\n      decision {\n        verdict\n        reason\n        decidedBy\n        decidedAt\n        delivered\n        payload\n      }\n    }\n  }\n": types.StepPanelFragmentDoc,
    "\n  fragment TaskCard on Task {\n    workflow\n    step\n    createdAt\n    proposal {\n      title\n      body\n      payload\n      confidence\n      evidence {\n        kind\n        text\n        label\n        similarity\n      }\n      preview {\n        connector\n        inputs\n      }\n    }\n  }\n": types.TaskCardFragmentDoc,
    "\n  fragment TaskDetail on Task {\n    runId\n    workflow\n    step\n    createdAt\n    expiresAt\n    proposal {\n      title\n      ...ProposalView\n    }\n  }\n": types.TaskDetailFragmentDoc,
    "\n  fragment TaskRow on Task {\n    id\n    createdAt\n    proposal {\n      title\n      body\n      payload\n      confidence\n    }\n  }\n": types.TaskRowFragmentDoc,
    "\n  query Run($id: ID!) {\n    run(id: $id) {\n      id\n      workflow\n      revision\n      status\n      input\n      outputs\n      error\n      startedBy\n      startedAt\n      finishedAt\n      waitingFor\n      temporalUrl\n      plan {\n        id\n        kind\n        uses\n        needs\n        level\n      }\n      steps {\n        step\n        item\n        attempt\n        status\n        ...StepPanel\n      }\n    }\n  }\n": types.RunDocument,
    "\n  query Runs($first: Int!, $after: String, $status: RunStatus) {\n    runs(first: $first, after: $after, status: $status) {\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n      nodes {\n        id\n        ...RunRow\n      }\n    }\n  }\n": types.RunsDocument,
    "\n  query Workflow($name: String!) {\n    workflow(name: $name) {\n      name\n      description\n      revision\n      contentHash\n      source\n      inputSchema\n      publishedAt\n      steps {\n        id\n        kind\n        uses\n        needs\n        level\n      }\n    }\n  }\n": types.WorkflowDocument,
    "\n  query Workflows {\n    workflows {\n      name\n      description\n      revision\n      publishedAt\n      pendingTasks\n      steps {\n        id\n      }\n    }\n  }\n": types.WorkflowsDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Decide($input: DecideInput!) {\n    decide(input: $input) {\n      __typename\n      ... on Task {\n        id\n        status\n      }\n      ... on Problem {\n        code\n        message\n        hint\n      }\n    }\n  }\n"): typeof import('./graphql').DecideDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Undo($taskId: ID!) {\n    undoDecision(taskId: $taskId) {\n      __typename\n      ... on Task {\n        id\n        status\n      }\n      ... on Problem {\n        code\n        message\n        hint\n      }\n    }\n  }\n"): typeof import('./graphql').UndoDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Events {\n    events {\n      kind\n      runId\n      workflow\n      step\n      taskId\n      status\n      at\n    }\n  }\n"): typeof import('./graphql').EventsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Queue($first: Int!, $after: String) {\n    tasks(first: $first, after: $after) {\n      totalCount\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n      nodes {\n        id\n        createdAt\n        proposal {\n          contentHash\n          title\n          payload\n          payloadSchema\n        }\n        ...TaskRow\n        ...TaskCard\n        ...TaskDetail\n      }\n    }\n  }\n"): typeof import('./graphql').QueueDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Overview {\n    overview {\n      pendingTasks\n      runningRuns\n      acted\n      notified\n      asked\n    }\n  }\n"): typeof import('./graphql').OverviewDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CancelRun($id: ID!) {\n    cancelRun(id: $id) {\n      __typename\n      ... on Run {\n        id\n        status\n      }\n      ... on Problem {\n        code\n        message\n        hint\n      }\n    }\n  }\n"): typeof import('./graphql').CancelRunDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ProposalView on Proposal {\n    title\n    body\n    payload\n    confidence\n    rationale\n    evidence {\n      kind\n      text\n      label\n      similarity\n    }\n    preview {\n      connector\n      inputs\n    }\n  }\n"): typeof import('./graphql').ProposalViewFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment RunRow on Run {\n    id\n    workflow\n    revision\n    status\n    startedAt\n    finishedAt\n    waitingFor\n  }\n"): typeof import('./graphql').RunRowFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation StartRun($input: StartRunInput!) {\n    startRun(input: $input) {\n      __typename\n      ... on Run {\n        id\n      }\n      ... on Problem {\n        code\n        message\n        hint\n      }\n    }\n  }\n"): typeof import('./graphql').StartRunDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment StepPanel on StepRun {\n    step\n    item\n    attempt\n    status\n    route\n    inputs\n    output\n    error\n    startedAt\n    finishedAt\n    proposal {\n      confidence\n      ...ProposalView\n    }\n    task {\n      id\n      status\n      decision {\n        verdict\n        reason\n        decidedBy\n        decidedAt\n        delivered\n        payload\n      }\n    }\n  }\n"): typeof import('./graphql').StepPanelFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment TaskCard on Task {\n    workflow\n    step\n    createdAt\n    proposal {\n      title\n      body\n      payload\n      confidence\n      evidence {\n        kind\n        text\n        label\n        similarity\n      }\n      preview {\n        connector\n        inputs\n      }\n    }\n  }\n"): typeof import('./graphql').TaskCardFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment TaskDetail on Task {\n    runId\n    workflow\n    step\n    createdAt\n    expiresAt\n    proposal {\n      title\n      ...ProposalView\n    }\n  }\n"): typeof import('./graphql').TaskDetailFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment TaskRow on Task {\n    id\n    createdAt\n    proposal {\n      title\n      body\n      payload\n      confidence\n    }\n  }\n"): typeof import('./graphql').TaskRowFragmentDoc;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Run($id: ID!) {\n    run(id: $id) {\n      id\n      workflow\n      revision\n      status\n      input\n      outputs\n      error\n      startedBy\n      startedAt\n      finishedAt\n      waitingFor\n      temporalUrl\n      plan {\n        id\n        kind\n        uses\n        needs\n        level\n      }\n      steps {\n        step\n        item\n        attempt\n        status\n        ...StepPanel\n      }\n    }\n  }\n"): typeof import('./graphql').RunDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Runs($first: Int!, $after: String, $status: RunStatus) {\n    runs(first: $first, after: $after, status: $status) {\n      pageInfo {\n        endCursor\n        hasNextPage\n      }\n      nodes {\n        id\n        ...RunRow\n      }\n    }\n  }\n"): typeof import('./graphql').RunsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Workflow($name: String!) {\n    workflow(name: $name) {\n      name\n      description\n      revision\n      contentHash\n      source\n      inputSchema\n      publishedAt\n      steps {\n        id\n        kind\n        uses\n        needs\n        level\n      }\n    }\n  }\n"): typeof import('./graphql').WorkflowDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Workflows {\n    workflows {\n      name\n      description\n      revision\n      publishedAt\n      pendingTasks\n      steps {\n        id\n      }\n    }\n  }\n"): typeof import('./graphql').WorkflowsDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
