/** The queue on the desk: the list on the left, the task and its buttons on the right, every action also a key. */
import { Keyboard } from "lucide-react";
import { useState } from "react";

import type { QueueTask } from "@/api/queue";
import { Button, IconButton } from "@/atoms/button";
import { Kbd } from "@/atoms/kbd";
import { count } from "@/lib/format";
import { useKeys } from "@/lib/hooks";

import { HelpDialog } from "./decision-dialogs";
import { TaskDetail } from "./task-detail";
import { TaskList } from "./task-list";

export interface QueueActions {
  approve: (task: QueueTask) => void;
  reject: (task: QueueTask) => void;
  edit: (task: QueueTask) => void;
  undo: () => void;
}

interface QueueDeskProps {
  tasks: QueueTask[];
  total: number;
  current: QueueTask;
  onSelect: (id: string) => void;
  actions: QueueActions;
  hasMore: boolean;
  onMore: () => void;
}

export function QueueDesk({ tasks, total, current, onSelect, actions, hasMore, onMore }: QueueDeskProps) {
  const [help, setHelp] = useState(false);
  const move = (by: number) => {
    const next = tasks[tasks.indexOf(current) + by];
    if (next) onSelect(next.id);
  };
  useKeys({
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    a: () => actions.approve(current),
    r: () => actions.reject(current),
    e: () => actions.edit(current),
    "?": () => setHelp(true),
  });
  return (
    <div className="grid h-full grid-cols-[22rem_1fr]">
      <aside className="flex min-h-0 flex-col border-r border-line">
        <div className="flex items-baseline justify-between px-5 pt-5 pb-2">
          <h1 className="text-base font-semibold tracking-tight">Waiting for you</h1>
          <span className="nums text-sm text-ink-3">{count(total)}</span>
        </div>
        <div className="scroll-thin min-h-0 flex-1 overflow-y-auto">
          <TaskList tasks={tasks} current={current.id} onSelect={onSelect} />
          {hasMore && (
            <div className="px-5 pb-4">
              <Button className="w-full" onClick={onMore}>
                Load more
              </Button>
            </div>
          )}
        </div>
      </aside>
      <section aria-label="Task" className="flex min-h-0 flex-col">
        <div className="scroll-thin min-h-0 flex-1 overflow-y-auto">
          <div className="mx-auto max-w-2xl px-8 pt-10 pb-12">
            <TaskDetail key={current.id} task={current} large />
          </div>
        </div>
        <div className="border-t border-line bg-surface py-3.5">
          <div className="mx-auto flex max-w-2xl items-center gap-2.5 px-8">
            <Button tone="primary" onClick={() => actions.approve(current)}>
              Approve <KeyHint>a</KeyHint>
            </Button>
            <Button onClick={() => actions.edit(current)}>
              Change <Kbd>e</Kbd>
            </Button>
            <Button tone="danger" onClick={() => actions.reject(current)}>
              Reject <Kbd>r</Kbd>
            </Button>
            <IconButton label="Keys" className="ml-auto" onClick={() => setHelp(true)}>
              <Keyboard size={18} aria-hidden="true" />
            </IconButton>
          </div>
        </div>
      </section>
      <HelpDialog open={help} onClose={() => setHelp(false)} />
    </div>
  );
}

/** A key on the accent colour. */
function KeyHint({ children }: { children: string }) {
  return (
    <kbd className="inline-grid h-5 min-w-5 place-items-center rounded-[5px] border border-on-accent/40 px-1 font-sans text-2xs font-medium">
      {children}
    </kbd>
  );
}
