import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { useApi } from "@/api/context";
import { ApiError, asApiError } from "@/api/errors";
import { keys } from "@/api/query-client";
import { Button } from "@/atoms/button";
import { graphql } from "@/gql";
import { Dialog } from "@/molecules/dialog";

const CancelDocument = graphql(`
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
`);

/** Cancels a run, after asking. */
export function CancelRun({ id, workflow }: { id: string; workflow: string }) {
  const api = useApi();
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const cancel = useMutation({
    mutationFn: async () => {
      const { cancelRun } = await api.run(CancelDocument, { id });
      if (cancelRun.__typename === "Problem") throw new ApiError(cancelRun.message, cancelRun);
    },
    onSuccess: () => setAsking(false),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: keys.run(id) });
      void queries.invalidateQueries({ queryKey: keys.runs });
    },
  });
  return (
    <>
      <Button tone="danger" onClick={() => setAsking(true)}>
        Cancel run
      </Button>
      <Dialog
        open={asking}
        onClose={() => {
          setAsking(false);
          cancel.reset();
        }}
        title="Cancel this run?"
        description={`${workflow} stops where it is. What it has already done stays done, and nothing that waits will be asked any more.`}
        footer={
          <>
            <Button tone="quiet" onClick={() => setAsking(false)}>
              Keep it running
            </Button>
            <Button tone="danger" onClick={() => cancel.mutate()} disabled={cancel.isPending}>
              Cancel run
            </Button>
          </>
        }
      >
        {cancel.isError && (
          <p role="alert" className="text-sm text-danger">
            {asApiError(cancel.error).message} {asApiError(cancel.error).hint}
          </p>
        )}
      </Dialog>
    </>
  );
}
