/** The frame of every page: header with counts and connection, navigation (above on the desk, below on the phone). */
import { useQuery } from "@tanstack/react-query";
import { Inbox, ListTree, Workflow, type LucideIcon } from "lucide-react";
import { Suspense } from "react";
import { Link, NavLink, Outlet } from "react-router";

import { useApi } from "@/api/context";
import { keys } from "@/api/query-client";
import { Logo } from "@/atoms/logo";
import { graphql } from "@/gql";
import type { OverviewQuery } from "@/gql/graphql";
import { cx } from "@/lib/cx";
import { count } from "@/lib/format";
import { useSession } from "@/lib/session";

import { ThemeMenu } from "./theme-menu";
import { Toaster } from "./toaster";

const OverviewDocument = graphql(`
  query Overview {
    overview {
      pendingTasks
      runningRuns
      acted
      notified
      asked
    }
  }
`);

type Counts = OverviewQuery["overview"];

function useOverview(): Counts | undefined {
  const api = useApi();
  return useQuery({ queryKey: keys.overview, queryFn: ({ signal }) => api.run(OverviewDocument, {}, signal) }).data
    ?.overview;
}

const PLACES: { to: string; word: string; icon: LucideIcon }[] = [
  { to: "/queue", word: "Queue", icon: Inbox },
  { to: "/runs", word: "Runs", icon: ListTree },
  { to: "/workflows", word: "Workflows", icon: Workflow },
];

export function AppShell() {
  const counts = useOverview();
  return (
    <div className="flex h-dvh flex-col bg-bg">
      <a
        href="#main"
        className="sr-only z-60 rounded-lg bg-accent px-4 py-2 text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      <header className="flex h-14 shrink-0 items-center gap-4 border-b border-line px-4 lg:gap-8 lg:px-6">
        <Link to="/queue" className="flex h-11 items-center rounded-lg" aria-label="Assent, to the queue">
          <Logo />
        </Link>
        <nav aria-label="Main" className="hidden items-center gap-1 lg:flex">
          {PLACES.map((place) => (
            <NavLink
              key={place.to}
              to={place.to}
              className={({ isActive }) =>
                cx(
                  "flex h-8 items-center gap-2 rounded-lg px-3 text-sm font-medium transition-colors",
                  isActive ? "bg-sunken text-ink" : "text-ink-2 hover:text-ink",
                )
              }
            >
              {place.word}
              {place.to === "/queue" && <Waiting counts={counts} />}
            </NavLink>
          ))}
        </nav>
        <div className="ml-auto flex items-center gap-2 lg:gap-5">
          <Stats counts={counts} />
          <ConnectionState />
          <ThemeMenu />
        </div>
      </header>
      <main id="main" tabIndex={-1} className="min-h-0 flex-1 outline-none">
        <Suspense fallback={null}>
          <Outlet />
        </Suspense>
      </main>
      <nav
        aria-label="Main"
        className="grid shrink-0 grid-cols-3 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] lg:hidden"
      >
        {PLACES.map(({ to, word, icon: Icon }) => (
          <NavLink
            key={to}
            to={to}
            className={({ isActive }) =>
              cx(
                "relative flex h-14 flex-col items-center justify-center gap-0.5 text-2xs font-medium -outline-offset-2",
                isActive ? "text-accent" : "text-ink-3",
              )
            }
          >
            <Icon size={20} aria-hidden="true" />
            <span className="flex items-center gap-1">
              {word}
              {to === "/queue" && <Waiting counts={counts} />}
            </span>
          </NavLink>
        ))}
      </nav>
      <Toaster />
    </div>
  );
}

function Waiting({ counts }: { counts: Counts | undefined }) {
  if (!counts || counts.pendingTasks === 0) return null;
  return (
    <span className="nums rounded-full bg-accent-soft px-1.5 text-2xs leading-4 font-semibold text-accent-ink">
      {count(counts.pendingTasks)}
      <span className="sr-only"> waiting for you</span>
    </span>
  );
}

/** How the work splits up: what was done alone, what was told, what was asked. */
function Stats({ counts }: { counts: Counts | undefined }) {
  if (!counts) return null;
  const stats = [
    { word: "acted", value: counts.acted, dot: "bg-accent", small: true },
    { word: "notified", value: counts.notified, dot: "bg-info", small: false },
    { word: "asked", value: counts.asked, dot: "bg-warn-fill", small: true },
    { word: "running", value: counts.runningRuns, dot: "bg-line-strong", small: false },
  ];
  return (
    <ul aria-label="Since the beginning" className="flex items-center gap-3 text-xs text-ink-3 lg:gap-5">
      {stats.map(({ word, value, dot, small }) => (
        <li key={word} className={cx("items-center gap-1.5", small ? "flex" : "hidden sm:flex")}>
          <span aria-hidden="true" className={cx("size-1.5 rounded-full", dot)} />
          <span className="nums font-medium text-ink">{count(value)}</span>
          {word}
        </li>
      ))}
    </ul>
  );
}

function ConnectionState() {
  const connection = useSession((state) => state.connection);
  const live = connection === "live";
  return (
    <span
      role="status"
      className={cx(
        "flex items-center gap-1.5 text-xs font-medium whitespace-nowrap",
        live ? "text-ink-3" : "text-warn",
      )}
      title={live ? "Changes appear by themselves" : "What you see may be out of date; we keep trying to connect"}
    >
      <span aria-hidden="true" className={cx("size-2 rounded-full", live ? "bg-accent" : "animate-breathe bg-warn")} />
      <span className={live ? "sr-only lg:not-sr-only" : "max-sm:sr-only"}>
        {live ? "Live" : connection === "connecting" ? "Connecting…" : "Reconnecting…"}
      </span>
    </span>
  );
}
