/** Starts a run: a form drawn from the workflow's input schema. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { useApi } from "@/api/context";
import { ApiError, asApiError } from "@/api/errors";
import { Button } from "@/atoms/button";
import { graphql } from "@/gql";
import type { Json } from "@/lib/json";
import { fieldsOf } from "@/lib/schema-form";
import { SchemaForm } from "@/molecules/schema-form";

const StartDocument = graphql(`
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
`);

export function StartRun({ workflow, schema }: { workflow: string; schema: Json }) {
  const api = useApi();
  const navigate = useNavigate();
  // One key for each filled-in form: pressing twice, or again after a lost answer, starts one run.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const start = useMutation({
    mutationFn: async (input: Json) => {
      const { startRun } = await api.run(StartDocument, { input: { workflow, input, idempotencyKey } });
      if (startRun.__typename === "Problem") throw new ApiError(startRun.message, startRun);
      return startRun.id;
    },
    onSuccess: (id) => void navigate(`/runs/${id}`),
  });
  const needsInput = fieldsOf(schema).length > 0;
  return (
    <SchemaForm id="start-run" schema={schema} value={{}} onSubmit={(input) => start.mutate(input)}>
      {!needsInput && <p className="text-sm text-ink-2">This workflow needs no input.</p>}
      {start.isError && (
        <p role="alert" className="rounded-xl bg-danger-soft px-4 py-3 text-sm text-danger">
          {asApiError(start.error).message} {asApiError(start.error).hint}
        </p>
      )}
      <Button tone="primary" type="submit" disabled={start.isPending} className="self-start">
        {start.isPending ? "Starting…" : "Start run"}
      </Button>
    </SchemaForm>
  );
}
