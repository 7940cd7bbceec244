/** The theme: system, light or dark. public/theme.js applies a stored choice before the first paint. */
import { create } from "zustand";

export type Theme = "system" | "light" | "dark";
const KEY = "assent-theme";

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function remember(theme: Theme): void {
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // A private window may refuse storage: the theme then lasts until the page closes.
  }
}

interface ThemeState {
  theme: Theme;
  setTheme: (theme: Theme) => void;
}

export const useTheme = create<ThemeState>()((set) => ({
  theme: stored(),
  setTheme: (theme) => {
    remember(theme);
    set({ theme });
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    if ("startViewTransition" in document && !calm) document.startViewTransition(() => apply(theme));
    else apply(theme);
  },
}));
