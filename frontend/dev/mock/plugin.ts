/** Serves the SIMULATED backend from Vite's own dev and preview servers, under the CSP that the real server sends. */
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server } from "node:http";

import { useServer as serveSocket } from "graphql-ws/use/ws";
import type { Connect, Plugin } from "vite";
import { WebSocketServer } from "ws";

import { executableSchema, simulatedFetch, type Scenario } from "./server.ts";
import { Simulation } from "./simulation.ts";

const CSP = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const SCENARIOS: readonly string[] = ["full", "empty", "failing", "signed-out"];

function scenarioOf(request: IncomingMessage): Scenario {
  const name = /(?:^|; )simulate=([a-z-]+)/.exec(request.headers.cookie ?? "")?.[1] ?? "full";
  return (SCENARIOS.includes(name) ? name : "full") as Scenario;
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}

export function simulatedBackend(): Plugin {
  const typeDefs = readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8");
  const simulation = new Simulation();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fetch = simulatedFetch(typeDefs, simulation, () => scenarioOf(request));
    const result = await fetch(request.url ?? "/", {
      method: request.method ?? "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: await readAll(request),
    });
    response.writeHead(result.status, { "content-type": result.headers.get("content-type") ?? "application/json" });
    response.end(await result.text());
  }

  function attach(middlewares: Connect.Server, server: Server | null, strict: boolean): void {
    middlewares.use((request, response, next) => {
      if (strict) response.setHeader("content-security-policy", CSP);
      if (request.method === "POST" && (request.url === "/graphql" || request.url === "/api/v1/session")) {
        answer(request, response).catch(next);
      } else next();
    });
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "graphql-transport-ws" });
    serveSocket({ schema: executableSchema(typeDefs, simulation) }, sockets);
    server?.on("upgrade", (request, socket, head) => {
      if (request.url === "/graphql")
        sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit("connection", opened, request));
    });
  }

  return {
    name: "simulated-backend",
    configureServer: (server) => attach(server.middlewares, server.httpServer as Server | null, false),
    configurePreviewServer: (server) => attach(server.middlewares, server.httpServer as Server | null, true),
  };
}
