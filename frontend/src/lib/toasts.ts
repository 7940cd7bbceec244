/** Short messages that come and go by themselves; decisions with their undo have their own, see api/decisions.ts. */
import { create } from "zustand";

export interface Toast {
  id: number;
  tone: "neutral" | "danger";
  title: string;
  detail?: string;
}

interface ToastState {
  toasts: Toast[];
  show: (toast: Omit<Toast, "id">) => void;
  dismiss: (id: number) => void;
}

const SHOWN_FOR = 8000;
let next = 1;

export const useToasts = create<ToastState>()((set, get) => ({
  toasts: [],
  show: (toast) => {
    const id = next++;
    set({ toasts: [...get().toasts, { ...toast, id }] });
    setTimeout(() => get().dismiss(id), SHOWN_FOR);
  },
  dismiss: (id) => set({ toasts: get().toasts.filter((toast) => toast.id !== id) }),
}));
