/**
 * Live events: one subscription for the whole app, kept up for ever with growing pauses.
 * Events name what changed; what is on screen is loaded again, at most every 300 ms however many events arrive.
 */
import type { QueryClient } from "@tanstack/react-query";
import { createClient } from "graphql-ws";

import { graphql } from "@/gql";
import type { EventsSubscription } from "@/gql/graphql";
import type { Connection } from "@/lib/session";

import { keys } from "./query-client";

export type LiveEvent = EventsSubscription["events"];

export interface LiveHandlers {
  onEvent: (event: LiveEvent) => void;
  onConnection: (connection: Connection) => void;
  /** Events may have been missed: load everything on screen again. */
  onResume: () => void;
}

/** Opens the live connection; returns what closes it. */
export type ConnectLive = (handlers: LiveHandlers) => () => void;

const EventsDocument = graphql(`
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
`);

const LONGEST_PAUSE = 15_000;
const SILENCE = 12_000;

/** Waits longer each time, a little differently for each client, and not at all once the network is back. */
function pause(retries: number): Promise<void> {
  const wait = Math.min(LONGEST_PAUSE, 400 * 2 ** retries) * (0.75 + Math.random() / 2);
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, wait);
    window.addEventListener("online", done);
  });
}

export function liveUrl(location: Pick<Location, "protocol" | "host">): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/graphql`;
}

export function connectLive({ onEvent, onConnection, onResume }: LiveHandlers): () => void {
  let closed = false;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let socket: WebSocket | undefined;
  const client = createClient({
    url: liveUrl(window.location),
    retryAttempts: Infinity,
    retryWait: pause,
    shouldRetry: () => true,
    keepAlive: SILENCE,
    on: {
      connected: (opened, _payload, wasRetry) => {
        socket = opened as WebSocket;
        onConnection("live");
        if (wasRetry) onResume();
      },
      ping: (received) => {
        if (!received) silence = setTimeout(() => socket?.close(4408, "No answer to a ping"), SILENCE / 2);
      },
      pong: (received) => {
        if (received) clearTimeout(silence);
      },
      closed: () => {
        clearTimeout(silence);
        if (!closed) onConnection("reconnecting");
      },
    },
  });

  function subscribe(): void {
    const again = () => {
      if (closed) return;
      onConnection("reconnecting");
      // The server refused for good (signed out, too old): loading again finds out why, while we keep asking slowly.
      onResume();
      void pause(6).then(() => {
        if (!closed) subscribe();
      });
    };
    client.subscribe<EventsSubscription>(
      { query: EventsDocument.toString() },
      { next: ({ data }) => data && onEvent(data.events), error: again, complete: again },
    );
  }

  subscribe();
  return () => {
    closed = true;
    clearTimeout(silence);
    void client.dispose();
  };
}

function touched(event: LiveEvent): readonly (readonly string[])[] {
  const run = keys.run(event.runId);
  if (event.kind === "task") return [keys.tasks, keys.overview, keys.runs, keys.workflows, run];
  if (event.kind === "run") return [keys.runs, keys.overview, run];
  return [run, keys.overview];
}

/** Collects what events touched and loads it again together. */
export function createRefresher(client: QueryClient, wait = 300): (event: LiveEvent) => void {
  const waiting = new Map<string, readonly string[]>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    timer = undefined;
    for (const queryKey of waiting.values()) void client.invalidateQueries({ queryKey });
    waiting.clear();
  };
  return (event) => {
    for (const key of touched(event)) waiting.set(key.join("/"), key);
    timer ??= setTimeout(flush, wait);
  };
}
