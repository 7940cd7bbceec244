/**
 * The deck of cards: right approves, left rejects, up shows the details. The tint and its word grow with the pull and turn
 * solid once letting go would count. Every gesture also has a button and a key.
 */
import {
  AnimatePresence,
  LazyMotion,
  MotionConfig,
  useMotionValue,
  useMotionValueEvent,
  useTransform,
  type MotionValue,
  type PanInfo,
} from "motion/react";
import * as m from "motion/react-m";
import { useRef } from "react";

import { cx } from "@/lib/cx";
import { haptic, swipeOutcome, THRESHOLD, type Swipe } from "@/lib/swipe";

import { TaskCard, type CardTask } from "./task-card";

const features = () => import("@/lib/motion-features").then((loaded) => loaded.default);
const SPRING = { type: "spring", stiffness: 520, damping: 38 } as const;
const BEHIND = 2;

export type Leaving = "approve" | "reject";
type DeckTask = { id: string } & CardTask;

const card = {
  behind: (depth: number) => ({ scale: 1 - depth * 0.045, y: depth * 11, opacity: depth > BEHIND ? 0 : 1 }),
  leave: (leaving: Leaving) => {
    const side = leaving === "approve" ? 1 : -1;
    return {
      x: side * Math.max(420, window.innerWidth),
      rotate: side * 14,
      opacity: 0,
      transition: { duration: 0.28, ease: "easeOut" } as const,
    };
  },
};

interface DeckProps {
  tasks: DeckTask[];
  /** Which way the last card went; cards leave the deck that way. */
  leaving: Leaving;
  onSwipe: (swipe: Swipe) => void;
}

export function Deck({ tasks, leaving, onSwipe }: DeckProps) {
  const shown = tasks.slice(0, BEHIND + 1);
  return (
    <LazyMotion features={features} strict>
      <MotionConfig reducedMotion="user" transition={SPRING}>
        <div className="relative h-full">
          <AnimatePresence custom={leaving} initial={false}>
            {shown.map((task, depth) => (
              <SwipeCard key={task.id} task={task} depth={depth} leaving={leaving} onSwipe={onSwipe} />
            ))}
          </AnimatePresence>
        </div>
      </MotionConfig>
    </LazyMotion>
  );
}

interface SwipeCardProps {
  task: DeckTask;
  depth: number;
  leaving: Leaving;
  onSwipe: (swipe: Swipe) => void;
}

function SwipeCard({ task, depth, leaving, onSwipe }: SwipeCardProps) {
  const x = useMotionValue(0);
  const y = useMotionValue(0);
  const rotate = useTransform(x, [-300, 300], [-9, 9]);
  const armed = useRef<Swipe | null>(null);
  const top = depth === 0;

  function dragged(_: unknown, { offset }: PanInfo): void {
    const now = swipeOutcome(offset, { x: 0, y: 0 });
    if (now !== armed.current && now !== null) haptic();
    armed.current = now;
  }

  function released(_: unknown, { offset, velocity }: PanInfo): void {
    armed.current = null;
    const outcome = swipeOutcome(offset, velocity);
    if (outcome) onSwipe(outcome);
  }

  return (
    <m.div
      className={cx(
        "absolute inset-0 origin-bottom touch-none select-none",
        top ? "cursor-grab active:cursor-grabbing" : "pointer-events-none",
      )}
      aria-hidden={!top}
      inert={!top}
      style={{ x, y, rotate, zIndex: 10 - depth }}
      custom={leaving}
      initial={card.behind(BEHIND + 1)}
      animate={card.behind(depth)}
      exit="leave"
      variants={{ leave: card.leave }}
      drag={top}
      dragConstraints={{ left: 0, right: 0, top: 0, bottom: 0 }}
      dragElastic={{ left: 1, right: 1, top: 0.7, bottom: 0.06 }}
      dragTransition={{ bounceStiffness: 520, bounceDamping: 34 }}
      onDrag={dragged}
      onDragEnd={released}
    >
      <TaskCard task={task} />
      {top && (
        <>
          <Feedback value={x} limit={THRESHOLD.x} word="Approve" className="top-6 left-6 -rotate-6" tone="accent" />
          <Feedback value={x} limit={-THRESHOLD.x} word="Reject" className="top-6 right-6 rotate-6" tone="danger" />
          <Feedback
            value={y}
            limit={-THRESHOLD.y}
            word="Details"
            className="inset-x-0 bottom-8 mx-auto w-fit"
            tone="info"
          />
        </>
      )}
    </m.div>
  );
}

const TINTS = {
  accent: {
    wash: "bg-accent",
    word: "border-accent bg-raised text-accent data-armed:bg-accent data-armed:text-on-accent",
  },
  danger: { wash: "bg-danger", word: "border-danger bg-raised text-danger data-armed:bg-danger data-armed:text-bg" },
  info: { wash: "bg-info", word: "border-info bg-raised text-info data-armed:bg-info data-armed:text-bg" },
};

interface FeedbackProps {
  value: MotionValue<number>;
  limit: number;
  word: string;
  tone: keyof typeof TINTS;
  className: string;
}

function Feedback({ value, limit, word, tone, className }: FeedbackProps) {
  const label = useRef<HTMLSpanElement>(null);
  const wash = useTransform(value, [0, limit], [0, 0.14]);
  const seen = useTransform(value, [limit * 0.15, limit * 0.7], [0, 1]);
  const scale = useTransform(value, [limit * 0.3, limit], [0.85, 1]);
  // Written to the element itself: a render for each pixel of a drag would cost frames.
  useMotionValueEvent(value, "change", (now) => label.current?.toggleAttribute("data-armed", now / limit >= 1));
  return (
    <>
      <m.div
        aria-hidden="true"
        style={{ opacity: wash }}
        className={cx("pointer-events-none absolute inset-0 rounded-3xl", TINTS[tone].wash)}
      />
      <m.span
        ref={label}
        aria-hidden="true"
        style={{ opacity: seen, scale }}
        className={cx(
          "pointer-events-none absolute block rounded-xl border-2 px-4 py-1.5 text-lg font-semibold",
          TINTS[tone].word,
          className,
        )}
      >
        {word}
      </m.span>
    </>
  );
}
