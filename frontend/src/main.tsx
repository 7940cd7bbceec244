import "./styles.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";

import { createApiClient } from "@/api/client";
import { connectLive } from "@/api/live";
import { createQueryClient } from "@/api/query-client";
import { App } from "@/app";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

createRoot(root).render(
  <StrictMode>
    <BrowserRouter>
      <App
        api={createApiClient((url, init) => fetch(url, init))}
        queries={createQueryClient()}
        connectLive={connectLive}
      />
    </BrowserRouter>
  </StrictMode>,
);
