/** Gives components the API client; the app builds one, tests bring their own. */
import { createContext, useContext } from "react";

import type { ApiClient } from "./client";

const ApiContext = createContext<ApiClient | null>(null);
export const ApiProvider = ApiContext.Provider;

export function useApi(): ApiClient {
  const client = useContext(ApiContext);
  if (!client) throw new Error("useApi needs an ApiProvider above it");
  return client;
}
