/** What a decision may need before it is made: changed fields, a reason; and the list of keys. */
import { useState } from "react";

import { Button } from "@/atoms/button";
import { Textarea } from "@/atoms/input";
import { Kbd } from "@/atoms/kbd";
import { isObject, sameJson, type Json, type JsonObject } from "@/lib/json";
import { Dialog } from "@/molecules/dialog";
import { SchemaForm } from "@/molecules/schema-form";

interface EditDialogProps {
  open: boolean;
  onClose: () => void;
  payload: Json;
  schema: Json;
  onSave: (payload: JsonObject, changed: boolean) => void;
}

const TYPES: Record<string, string> = { string: "string", number: "number", boolean: "boolean" };

/** Without a schema of its own, the payload's own fields make the form. */
function guessSchema(payload: Json): Json {
  if (!isObject(payload)) return { properties: {} };
  const properties = Object.entries(payload).map(([name, value]): [string, Json] => {
    const type = TYPES[typeof value];
    return [
      name,
      type ? { type, ...(typeof value === "string" && value.length > 80 ? { maxLength: 100_000 } : {}) } : {},
    ];
  });
  return { properties: Object.fromEntries(properties), required: Object.keys(payload) };
}

export function EditDialog({ open, onClose, payload, schema, onSave }: EditDialogProps) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Change and approve"
      description="What you change is what happens, and what the next proposal learns from."
      footer={
        <>
          <Button tone="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button tone="primary" type="submit" form="edit-payload">
            Approve with changes
          </Button>
        </>
      }
    >
      <SchemaForm
        id="edit-payload"
        schema={schema ?? guessSchema(payload)}
        value={payload}
        onSubmit={(value) => onSave(value, !sameJson(value, payload))}
      />
    </Dialog>
  );
}

interface RejectDialogProps {
  open: boolean;
  onClose: () => void;
  onReject: (reason: string) => void;
}

export function RejectDialog({ open, onClose, onReject }: RejectDialogProps) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Reject this proposal?"
      description="Nothing of it will be carried out."
    >
      <RejectForm onClose={onClose} onReject={onReject} />
    </Dialog>
  );
}

function RejectForm({ onClose, onReject }: Omit<RejectDialogProps, "open">) {
  const [reason, setReason] = useState("");
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        onReject(reason.trim());
      }}
    >
      <label className="flex flex-col gap-1.5 text-sm font-medium" htmlFor="reject-reason">
        <span>
          Reason<span className="font-normal text-ink-3"> · optional</span>
        </span>
        <Textarea
          id="reject-reason"
          rows={3}
          maxLength={2000}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            event.currentTarget.form?.requestSubmit();
          }}
        />
      </label>
      <div className="flex justify-end gap-2">
        <Button tone="quiet" onClick={onClose}>
          Cancel
        </Button>
        <Button tone="danger" type="submit">
          Reject
        </Button>
      </div>
    </form>
  );
}

const KEYS: [string[], string][] = [
  [["j", "↓"], "Next task"],
  [["k", "↑"], "Previous task"],
  [["a"], "Approve"],
  [["r"], "Reject, with a reason if you like"],
  [["e"], "Change, then approve"],
  [["u"], "Undo the last decision, for five seconds"],
  [["?"], "This list"],
];

export function HelpDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Keys"
      description="On a phone: swipe right to approve, left to reject, up for details."
    >
      <dl className="divide-y divide-line">
        {KEYS.map(([names, meaning]) => (
          <div key={meaning} className="flex items-center justify-between gap-6 py-2.5">
            <dt className="order-2 flex gap-1">
              {names.map((name) => (
                <Kbd key={name}>{name}</Kbd>
              ))}
            </dt>
            <dd className="text-sm text-ink-2">{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
