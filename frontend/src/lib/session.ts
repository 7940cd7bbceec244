/** Who we are to the server, and whether the live connection stands. */
import { create } from "zustand";

export type Connection = "connecting" | "live" | "reconnecting";

interface SessionState {
  signedOut: boolean;
  connection: Connection;
  setSignedOut: (signedOut: boolean) => void;
  setConnection: (connection: Connection) => void;
}

export const useSession = create<SessionState>()((set) => ({
  signedOut: false,
  connection: "connecting",
  setSignedOut: (signedOut) => set({ signedOut }),
  setConnection: (connection) => set({ connection }),
}));
