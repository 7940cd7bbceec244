/** `/sign-in#code=...`: trades the one-time code for a session, when the person presses the button. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { useApi } from "@/api/context";
import { asApiError } from "@/api/errors";
import { Button } from "@/atoms/button";
import { Spinner } from "@/atoms/spinner";
import { useTitle } from "@/lib/hooks";
import { useSession } from "@/lib/session";

import { Landing, TerminalLine } from "./landing";

/** The code from the address, which is then cleaned, so that the code stays in no history. */
function takeCode(): string {
  const code = new URLSearchParams(window.location.hash.slice(1)).get("code") ?? "";
  if (code) window.history.replaceState(window.history.state, "", window.location.pathname);
  return code;
}

export default function SignInPage() {
  useTitle("Sign in");
  const [code] = useState(takeCode);
  const api = useApi();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const setStanding = useSession((state) => state.setStanding);
  const signIn = useMutation({
    mutationFn: () => api.signIn(code),
    onSuccess: () => {
      queries.clear();
      setStanding("unknown");
      void navigate("/queue", { replace: true });
    },
  });
  if (!code) return <SignedOut />;
  const failure = signIn.error ? asApiError(signIn.error) : null;
  return (
    <Landing title="Welcome">
      <p className="text-ink-2">This link signs you in once, on the device you open it with.</p>
      {failure && (
        <div role="alert" className="rounded-xl bg-danger-soft px-4 py-3 text-left text-sm text-danger">
          <p className="font-medium">{failure.message}</p>
          <p className="mt-0.5">{failure.hint || "Run “assent sign-in” in a terminal to get a fresh link."}</p>
        </div>
      )}
      <Button tone="primary" size="lg" className="w-full" onClick={() => signIn.mutate()} disabled={signIn.isPending}>
        {signIn.isPending && <Spinner />}
        Sign in on this device
      </Button>
    </Landing>
  );
}

/** Shown wherever the server does not know us. */
export function SignedOut() {
  useTitle("Signed out");
  return (
    <Landing title="Sign in to continue">
      <p className="text-ink-2">
        Run this in a terminal on the machine where Assent runs, then open the link it prints. Each link works once.
      </p>
      <TerminalLine command="assent sign-in" />
      <Button size="lg" className="w-full" onClick={() => window.location.assign("/queue")}>
        I have signed in, try again
      </Button>
    </Landing>
  );
}
