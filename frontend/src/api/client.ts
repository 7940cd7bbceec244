/** Speaks GraphQL and REST to the server that served the page. One seam: the `fetch` it is given. */
import type { TypedDocumentString } from "@/gql/graphql";
import { isObject } from "@/lib/json";

import { ApiError } from "./errors";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface ApiClient {
  /** Runs one operation. Throws ApiError. */
  run<Data, Variables>(
    document: TypedDocumentString<Data, Variables>,
    variables: Variables,
    signal?: AbortSignal,
  ): Promise<Data>;
  /** Trades the one-time code for a session cookie. Throws ApiError. */
  signIn(code: string): Promise<void>;
}

const LIMIT = 20_000;

function field(body: unknown, name: string): string {
  const value = isObject(body) ? body[name] : undefined;
  return typeof value === "string" ? value : "";
}

async function readBody(response: Response): Promise<unknown> {
  const body = await response.text();
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return null;
  }
}

function refusal(response: Response, body: unknown): ApiError {
  return new ApiError(field(body, "message") || field(body, "detail") || `The server answered ${response.status}.`, {
    code: field(body, "code") || "error",
    hint: field(body, "hint"),
    status: response.status,
  });
}

function firstGraphQLError(body: unknown): ApiError | null {
  const errors = isObject(body) ? body.errors : undefined;
  if (!Array.isArray(errors) || errors.length === 0) return null;
  const first = errors[0];
  const extensions = isObject(first) ? first.extensions : undefined;
  return new ApiError(field(first, "message") || "The server could not answer.", {
    code: field(extensions, "code") || "error",
    hint: field(extensions, "hint"),
    status: 200,
  });
}

export function createApiClient(send: Fetch): ApiClient {
  async function post(path: string, content: object, signal?: AbortSignal): Promise<Response> {
    const limit = AbortSignal.timeout(LIMIT);
    try {
      return await send(path, {
        method: "POST",
        credentials: "same-origin",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify(content),
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      const reason = limit.aborted ? "The server did not answer in time." : "The server cannot be reached.";
      throw new ApiError(reason, { code: "network", hint: "Check that Assent is running, then try again." });
    }
  }

  return {
    async run(document, variables, signal) {
      const response = await post("/graphql", { query: document.toString(), variables }, signal);
      const body = await readBody(response);
      const failed = firstGraphQLError(body);
      if (failed && response.status !== 401) throw failed;
      if (!response.ok || !isObject(body) || !isObject(body.data)) throw refusal(response, body);
      return body.data as never;
    },
    async signIn(code) {
      const response = await post("/api/v1/session", { code });
      if (!response.ok) throw refusal(response, await readBody(response));
    },
  };
}
