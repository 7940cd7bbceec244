/** Who we are to the server, and whether the live connection stands. */
import { create } from "zustand";

/** `unknown` until the first answer: then either it knows us, or it said 401. */
export type Standing = "unknown" | "in" | "out";
export type Connection = "connecting" | "live" | "reconnecting";

interface SessionState {
  standing: Standing;
  connection: Connection;
  setStanding: (standing: Standing) => void;
  setConnection: (connection: Connection) => void;
}

export const useSession = create<SessionState>()((set) => ({
  standing: "unknown",
  connection: "connecting",
  setStanding: (standing) => set({ standing }),
  setConnection: (connection) => set({ connection }),
}));
